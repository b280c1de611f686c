// Package m2m has what the pages of several areas read of PDND's M2M API in the same way:
// names, looked up once for each id, lists, clients, purposes, kinds of attributes, and the
// words of its refusals.
package m2m

// Product is the name of the API that the pages call.
const Product = "interop"
