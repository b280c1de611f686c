package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/coldstart"
	"ciclo/shared/platform/testing/runtimeapi"
	"ciclo/shared/platform/testing/tlslocal"
)

// tlsSampled are the functions that are started over TLS.
var tlsSampled = []string{"consumer/get", "purpose/activate", "voucher/issue"}

// tlsStarts is how often each of them is started.
const tlsStarts = 15

// systemBundles is where Debian and Amazon Linux have the system's roots.
var systemBundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

// benchStartupTLS measures how long a function takes from its start to its first answer when
// DynamoDB is spoken to over TLS, as in Lambda: a full CPU for the initialisation and the
// share of 512 MB for the request. The stand-in has a chain of three certificates. Its root
// stands for one of Amazon's: functions get five roots in AWS_CA_BUNDLE, as many as they
// have built in. Peers find it among the system's roots, as they do in Lambda.
func benchStartupTLS(ctx context.Context, b *bench, s *section) (err error) {
	which := slices.DeleteFunc(chosen(true), func(f catalog.Function) bool { return !slices.Contains(tlsSampled, f.ID) })
	set, err := newFunctions(ctx, b, which)
	defer func() { err = errors.Join(err, set.close()) }()
	if err != nil {
		return err
	}
	subjects, stop, err := overTLS(ctx, set)
	defer stop()
	if err != nil {
		return err
	}
	share := newShare()
	defer share.close()
	for range tlsStarts {
		for _, subject := range subjects {
			if err := subject.start(ctx, share); err != nil {
				return fmt.Errorf("%s: %w", subject.Name, err)
			}
		}
	}
	s.note("medians of %d starts, in ms; the first request %s", tlsStarts, share)
	out := s.table()
	fmt.Fprintln(out, "function\tinit\tfirst request\tsum\tprocessor\t")
	sums := map[bool][]float64{} // by whether it is a peer
	for _, subject := range subjects {
		init, first, sum := median(subject.init), median(subject.first), median(subject.sum)
		fmt.Fprintf(out, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t\n", subject.Name, init, first, sum, median(subject.cpu))
		if !subject.prewarmed {
			sums[subject.peer] = append(sums[subject.peer], sum)
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	s.reach(goalCold, sums[false][0]) // of the get, which peers have too
	if len(sums[true]) > 0 {
		s.reach(goalColdPeers, sums[false][0]/slices.Min(sums[true]))
	}
	return nil
}

// tlsSubject is a function that speaks TLS, and what was measured of it, in milliseconds.
type tlsSubject struct {
	coldstart.Function
	peer, prewarmed       bool
	init, first, sum, cpu []float64
}

// overTLS puts a TLS server in front of the stub of each function. Ours are measured with
// prewarming as well.
func overTLS(ctx context.Context, set *functions) (subjects []*tlsSubject, stop func(), err error) {
	var servers []*http.Server
	stop = func() {
		for _, server := range servers {
			_ = server.Close()
		}
	}
	authority, err := tlslocal.New("Bench Root")
	if err != nil {
		return nil, stop, err
	}
	ours, system, err := writeRoots(set.folder, authority.Root)
	if err != nil {
		return nil, stop, err
	}
	for i, f := range slices.Concat(set.functions, set.peers) {
		var listening net.ListenConfig
		listener, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, stop, err
		}
		server := &http.Server{
			Handler: f.Stub, ReadHeaderTimeout: time.Minute,
			TLSConfig: &tls.Config{Certificates: []tls.Certificate{authority.Endpoint}, MinVersion: tls.VersionTLS13},
		}
		servers = append(servers, server)
		go func() { _ = server.ServeTLS(listener, "", "") }() // ends with stop
		endpoint := "DYNAMODB_ENDPOINT=https://" + listener.Addr().String()
		if isPeer := i >= len(set.functions); isPeer {
			f.Env = append(slices.Clone(f.Env), endpoint, "SSL_CERT_FILE="+system)
			subjects = append(subjects, &tlsSubject{Function: f, peer: true})
			continue
		}
		f.Env = append(slices.Clone(f.Env), endpoint, "AWS_CA_BUNDLE="+ours, "SSL_CERT_DIR=/nonexistent")
		warmed := f
		warmed.Name, warmed.Env = f.Name+", prewarmed", append(slices.Clone(f.Env), "PREWARM=on")
		subjects = append(subjects, &tlsSubject{Function: f}, &tlsSubject{Function: warmed, prewarmed: true})
	}
	return subjects, stop, nil
}

// writeRoots writes two files of roots into a folder: one in the place of Amazon's and four
// of those, and one more than the system has.
func writeRoots(folder string, root []byte) (ours, system string, err error) {
	amazon, err := os.ReadFile("shared/platform/aws/roots.pem")
	if err != nil {
		return "", "", err
	}
	if at := slices.Index(amazon[1:], '#'); at > 0 { // each begins with its name
		amazon = amazon[1+at:]
	}
	all := root
	for _, bundle := range systemBundles {
		if roots, err := os.ReadFile(bundle); err == nil {
			all = slices.Concat(root, roots)
			break
		}
	}
	ours, system = filepath.Join(folder, "ours.pem"), filepath.Join(folder, "system.pem")
	return ours, system, errors.Join(os.WriteFile(ours, slices.Concat(root, amazon), 0o600), os.WriteFile(system, all, 0o600))
}

// start starts a function and sends it one request.
func (t *tlsSubject) start(ctx context.Context, share *share) error {
	t.Stub.Rewind()
	event := t.Event()
	process, err := runtimeapi.Start(ctx, runtimeapi.Config{Binary: t.Binary, Handler: t.Handler, Env: t.Env})
	if err != nil {
		return err
	}
	share.limit(process.PID())
	res, err := process.Invoke(ctx, event)
	if err == nil && res.FunctionError != "" {
		err = errors.New(res.FunctionError)
	}
	if err := errors.Join(err, process.Close()); err != nil {
		return err
	}
	const ms = float64(time.Millisecond)
	t.init = append(t.init, float64(process.InitDuration())/ms)
	t.first = append(t.first, float64(res.Duration)/ms)
	t.sum = append(t.sum, float64(process.InitDuration()+res.Duration)/ms)
	t.cpu = append(t.cpu, float64(process.CPUTime())/ms)
	return nil
}

func median(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }

// share limits processes to the CPU that Lambda gives to 512 MB, where this machine has
// cgroups that may be written.
type share struct{ folder string }

// Lambda gives a whole CPU to 1,769 MB, in periods of 20 ms.
const (
	sharePeriod = 20000
	shareQuota  = sharePeriod * 512 / 1769
)

func newShare() *share {
	name := "ciclo-bench-" + strconv.Itoa(os.Getpid())
	for _, root := range []struct {
		folder string
		limits map[string]string
	}{
		{"/sys/fs/cgroup", map[string]string{"cpu.max": fmt.Sprintf("%d %d", shareQuota, sharePeriod)}},
		{"/sys/fs/cgroup/cpu", map[string]string{"cpu.cfs_period_us": strconv.Itoa(sharePeriod), "cpu.cfs_quota_us": strconv.Itoa(shareQuota)}},
	} {
		folder := filepath.Join(root.folder, name)
		if os.Mkdir(folder, 0o755) != nil {
			continue
		}
		limited := true
		for _, file := range []string{"cpu.max", "cpu.cfs_period_us", "cpu.cfs_quota_us"} {
			if value := root.limits[file]; value != "" {
				limited = limited && os.WriteFile(filepath.Join(folder, file), []byte(value), 0o600) == nil
			}
		}
		if limited {
			return &share{folder}
		}
		_ = os.Remove(folder)
	}
	return &share{}
}

func (s *share) String() string {
	if s.folder == "" {
		return "has a whole CPU, because this machine has no cgroup to limit it with"
	}
	return fmt.Sprintf("has %d of %d µs of a CPU", shareQuota, sharePeriod)
}

// limit limits a process from now on.
func (s *share) limit(pid int) {
	if s.folder != "" {
		_ = os.WriteFile(filepath.Join(s.folder, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o600)
	}
}

func (s *share) close() {
	if s.folder != "" {
		_ = os.Remove(s.folder)
	}
}
