package main

import (
	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/sample"
)

// events returns the events of operations by file. Those of workers, jobs and authorizers
// are written by hand.
func events() (map[string][]byte, error) {
	names := map[string]string{}
	for _, f := range catalog.Functions() {
		names[f.ID] = f.Event()
	}
	files := map[string][]byte{}
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		text, err := sample.Event(spec)
		if err != nil {
			return nil, err
		}
		files[names[spec.ID]] = text
	}
	return files, nil
}
