package dynamodblocal

import (
	"os/exec"
	"syscall"
)

// confine keeps the signals of the terminal from the process, so that it ends after its
// users, and ends it with this process even if this process is killed.
func confine(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
