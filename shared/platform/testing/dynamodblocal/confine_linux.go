package dynamodblocal

import (
	"os/exec"
	"syscall"
)

// confine keeps the terminal's signals from the process, so that it ends after
// those who use it, and ends it with this one even if this one is killed.
func confine(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
