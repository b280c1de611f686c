package api

// Need names one thing that an operation does with something other than tables. Its
// function has the rights and settings for that, and host opens what it takes.
type Need string

// The needs. Those on one line are met by the same member of [Deps].
const (
	NeedSeal, NeedUnseal     Need = "seal", "unseal"       // Sealer: make data keys of secrets, and recover them
	NeedPutBlob, NeedGetBlob Need = "put blob", "get blob" // Blobs: keep files, and read them
	NeedSign                 Need = "sign"                 // Signer: issue tokens
	NeedPublicKeys           Need = "public keys"          // Keys: publish the keys of tokens
)
