package dynamodblocal

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// verify returns an error unless the file has the pinned checksum.
func verify(file, sum string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != sum {
		return fmt.Errorf("%s has checksum %s, want %s", filepath.Base(file), got, sum)
	}
	return nil
}

// unpack extracts the jars, native libraries and licence texts of a package
// into dir, all on one level.
func unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for files := tar.NewReader(plain); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg || !wanted(header.Name) {
			continue
		}
		if err := extract(files, filepath.Join(dir, path.Base(header.Name))); err != nil {
			return err
		}
	}
}

func wanted(name string) bool {
	if !strings.HasPrefix(name, "package/lib/") {
		return false
	}
	switch path.Ext(name) {
	case ".jar", ".so", ".dylib", ".dll", ".txt":
		return true
	}
	return false
}

func extract(from io.Reader, to string) (err error) {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, from)
	return err
}
