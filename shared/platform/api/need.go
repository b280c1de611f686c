package api

// Need names one thing that an operation does with something other than tables. Its
// function has the rights and settings for that, and host opens what it takes.
type Need string

// The needs, with the member of [Deps] that meets each.
const (
	NeedSeal       Need = "seal"        // Sealer, to make data keys of secrets
	NeedUnseal     Need = "unseal"      // Sealer, to recover data keys
	NeedPutBlob    Need = "put blob"    // Blobs, to keep files
	NeedGetBlob    Need = "get blob"    // Blobs, to read files
	NeedSign       Need = "sign"        // Signer, to issue tokens
	NeedTokenKey   Need = "token key"   // Sealer, to open the key in memory that signs tokens
	NeedIntegrity  Need = "integrity"   // Integrity, to sign answers; never in Spec.Needs, see AllNeeds
	NeedDerive     Need = "derive"      // Derive, to have a key that all processes share
	NeedPublicKeys Need = "public keys" // Keys, to publish the keys of tokens
)
