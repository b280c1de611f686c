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

// putLogo stores the logo of a service. It takes effect at once, in every state of the
// service, and is not in the history (App IO).
func (s *Store) putLogo(ctx context.Context, id, encoded string) error {
	if _, err := s.get(ctx, id, access{hideDeleted: true}); err != nil {
		return err
	}
	image, reason := decodeLogo(encoded)
	if reason != "" {
		return problem.New(services.ImageInvalid, "Fail decoding provided image, the reason is: %s", reason)
	}
	return s.logos.Put(ctx, logoName(id), blob.Blob{Type: logoType, Bytes: image})
}

// logo returns the logo of a service.
func (s *Store) logo(ctx context.Context, id string) (blob.Blob, error) {
	if _, err := s.get(ctx, id, access{reviewers: true, hideDeleted: true}); err != nil {
		return blob.Blob{}, err
	}
	b, found, err := s.logos.Get(ctx, logoName(id))
	if err == nil && !found {
		err = problem.New(services.LogoNotFound, "%s has no logo", id)
	}
	return b, err
}

func logoName(id string) string { return "services/" + strings.ToLower(id) + ".png" }

// decodeLogo returns the bytes of the image, or the reason why it is refused. Only the
// header is decoded, not the pixels.
func decodeLogo(encoded string) (image []byte, reason string) {
	image, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, "it is not base64"
	}
	if len(image) > maxLogoBytes {
		return nil, "it has more than 1048576 bytes"
	}
	// The decoder also refuses an image without width or height.
	if _, err := png.DecodeConfig(bytes.NewReader(image)); err != nil {
		return nil, "it is not a PNG image with a width and a height"
	}
	return image, ""
}
