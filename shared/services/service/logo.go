package service

import (
	"bytes"
	"context"
	"encoding/base64"
	"image/png"
	"strings"

	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
)

const (
	logoType     = "image/png"
	maxLogoBytes = 1 << 20
	// maxLogoBody holds the largest logo as base64 within JSON.
	maxLogoBody = maxLogoBytes/3*4 + 4<<10
)

// putLogo stores the logo of a service; it takes effect at once, whatever the
// service's state, and leaves no trace in the history (App IO).
func (s *Store) putLogo(ctx context.Context, id, encoded string) error {
	if _, err := s.get(ctx, id, access{alive: true}); err != nil {
		return err
	}
	image, why := decodeLogo(encoded)
	if why != "" {
		return problem.New(services.ImageInvalid, "Fail decoding provided image, the reason is: %s", why)
	}
	return s.logos.Put(ctx, logoName(id), blob.Blob{Type: logoType, Bytes: image})
}

// logo returns the logo of a service.
func (s *Store) logo(ctx context.Context, id string) (blob.Blob, error) {
	if _, err := s.get(ctx, id, access{reviewers: true, alive: true}); err != nil {
		return blob.Blob{}, err
	}
	b, there, err := s.logos.Get(ctx, logoName(id))
	if err == nil && !there {
		err = problem.New(services.LogoNotFound, "%s has no logo", id)
	}
	return b, err
}

func logoName(id string) string { return "services/" + strings.ToLower(id) + ".png" }

// decodeLogo returns the image that is encoded, or why it is none. The header
// says enough; what an app makes of the pixels is its own business.
func decodeLogo(encoded string) (image []byte, why string) {
	image, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, "it is not base64"
	}
	if len(image) > maxLogoBytes {
		return nil, "it has more than 1048576 bytes"
	}
	// An image without width or height is refused by the decoder too.
	if _, err := png.DecodeConfig(bytes.NewReader(image)); err != nil {
		return nil, "it is not a PNG image with a width and a height"
	}
	return image, ""
}
