package main

import "context"

func benchFunctions(context.Context) error { return nil }
