package integrity

import "crypto/rsa"

// Draw makes k take its keys from a function: making keys is slow.
func (k *Keeper) Draw(private func() (*rsa.PrivateKey, error)) *Keeper {
	k.private = private
	return k
}
