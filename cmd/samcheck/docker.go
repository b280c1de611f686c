package main

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// standIn is the image that takes the place of Lambda's.
const standIn = "ciclo/lambda-stand-in:latest"

// startDocker makes sure that a Docker daemon runs. It returns the function that ends
// the one that it started.
func startDocker(ctx context.Context) (end func(), err error) {
	if _, err := exec.LookPath("docker"); err != nil {
		return nil, fmt.Errorf("%w: functions in Docker, which is not installed", errLeftOut)
	}
	if exec.CommandContext(ctx, "docker", "info").Run() == nil {
		return func() {}, nil
	}
	daemon, err := exec.LookPath("dockerd")
	if err != nil || os.Getuid() != 0 {
		return nil, fmt.Errorf("%w: functions in Docker, which is not running; to start it takes root and dockerd", errLeftOut)
	}
	folder, err := os.MkdirTemp("", "ciclo-docker-")
	if err != nil {
		return nil, err
	}
	end, err = runDaemon(ctx, daemon, folder)
	if err != nil {
		return nil, fmt.Errorf("%w: functions in Docker, whose daemon cannot be started here: %w", errLeftOut, err)
	}
	return end, nil
}

// runDaemon runs a daemon that keeps everything in a folder, and returns when it is
// ready. It touches no firewall.
func runDaemon(ctx context.Context, daemon, folder string) (end func(), err error) {
	remove := func() { _ = os.RemoveAll(folder) }
	notify, err := (&net.ListenConfig{}).ListenPacket(ctx, "unixgram", filepath.Join(folder, "notify"))
	if err != nil {
		remove()
		return nil, err
	}
	defer notify.Close()
	socket := "unix://" + filepath.Join(folder, "socket")
	var log bytes.Buffer
	cmd := exec.Command(daemon, "--host", socket, "--storage-driver", "vfs", "--iptables=false", "--ip6tables=false",
		"--data-root", filepath.Join(folder, "data"), "--exec-root", filepath.Join(folder, "exec"), "--pidfile", filepath.Join(folder, "pid"))
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+filepath.Join(folder, "notify"))
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		remove()
		return nil, err
	}
	ended := make(chan struct{})
	var status error // once it has ended
	go func() {
		status = cmd.Wait()
		close(ended)
	}()
	ready := make(chan struct{})
	go func() {
		message := make([]byte, 4096)
		for {
			n, _, err := notify.ReadFrom(message)
			if err != nil {
				return
			}
			if strings.Contains(string(message[:n]), "READY=1") {
				close(ready)
				return
			}
		}
	}()
	select {
	case <-ready:
		return func() {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			<-ended
			remove()
		}, os.Setenv("DOCKER_HOST", socket)
	case <-ended:
		remove()
		return nil, fmt.Errorf("%w\n%s", status, lastLines(log.Bytes()))
	case <-ctx.Done():
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		remove()
		return nil, ctx.Err()
	}
}

func lastLines(log []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-3):], []byte("\n"))
}

// imageFlags returns the flags by which SAM finds an image: none where Lambda's can be
// pulled.
func imageFlags(ctx context.Context, lambda string) ([]string, error) {
	image := "public.ecr.aws/lambda/provided:al2023-" + lambda
	pulling, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	pulled, err := exec.CommandContext(pulling, "docker", "pull", "--quiet", image).CombinedOutput()
	if err == nil {
		return nil, nil
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return nil, fmt.Errorf("%w: functions in Docker; %s cannot be pulled (%s), and there is no busybox, linked statically, for a stand-in",
			errLeftOut, image, bytes.TrimSpace(pulled))
	}
	fmt.Fprintf(os.Stderr, "*** %s cannot be pulled (%s); a stand-in out of %s takes its place ***\n", image, bytes.TrimSpace(pulled), busybox)
	tree, err := standInTree(busybox)
	if err != nil {
		return nil, err
	}
	load := command(ctx, "docker", "import", "--change", "WORKDIR /var/task", "-", standIn)
	load.Stdin = bytes.NewReader(tree)
	if err := load.Run(); err != nil {
		return nil, fmt.Errorf("docker import: %w", err)
	}
	return []string{"--skip-pull-image", "--invoke-image", standIn}, nil
}

// standInTree is what a function and SAM's own steps need of Lambda's image. SAM brings
// the runtime interface emulator.
func standInTree(busybox string) ([]byte, error) {
	binary, err := os.ReadFile(busybox)
	if err != nil {
		return nil, err
	}
	var tree bytes.Buffer
	w := tar.NewWriter(&tree)
	add := func(header tar.Header, content []byte) {
		header.Size = int64(len(content))
		if err == nil {
			err = w.WriteHeader(&header)
		}
		if err == nil {
			_, err = w.Write(content)
		}
	}
	for _, folder := range []string{"bin/", "tmp/", "var/", "var/task/", "var/runtime/", "opt/"} {
		add(tar.Header{Typeflag: tar.TypeDir, Name: folder, Mode: 0o777}, nil)
	}
	add(tar.Header{Typeflag: tar.TypeReg, Name: "bin/busybox", Mode: 0o755}, binary)
	for _, tool := range []string{"sh", "mv", "chmod"} {
		add(tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + tool, Linkname: "busybox"}, nil)
	}
	if err == nil {
		err = w.Close()
	}
	return tree.Bytes(), err
}
