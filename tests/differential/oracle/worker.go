package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

const (
	workerArg = "worker"
	// patience is far beyond any case that ends; some do not (a base image whose trigger copies from itself).
	patience = 5 * time.Second
	// maxStack ends endless recursion before it takes the machine's memory.
	maxStack = 64 << 20
)

// worker is a process of this program that answers one case at a time. It may die of a case; then it is started again.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startWorker() (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w := &worker{cmd: exec.Command(self, workerArg)}
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReaderSize(out, 1<<20)
	return w, w.cmd.Start()
}

func (w *worker) ask(line []byte) ([]byte, error) {
	watchdog := time.AfterFunc(patience, func() { w.cmd.Process.Kill() })
	defer watchdog.Stop()
	if _, err := w.in.Write(line); err != nil {
		return nil, err
	}
	return w.out.ReadBytes('\n')
}

func (w *worker) stop() {
	w.in.Close()
	w.cmd.Wait()
}

// serve answers jobs with one worker after another.
func serve(todo <-chan job) {
	w, err := startWorker()
	for j := range todo {
		var answer []byte
		if err == nil {
			answer, err = w.ask(j.line)
		}
		if err != nil {
			answer = died(j.line, err)
			if w != nil {
				w.cmd.Process.Kill()
				w.stop()
			}
			w, err = startWorker()
		}
		j.answer <- answer
	}
	if err == nil {
		w.stop()
	}
}

func died(line []byte, err error) []byte {
	var c Case
	_ = json.Unmarshal(line, &c)
	dt, _ := encode(failed(c.ID, fmt.Errorf("panic: the frontend died or did not end: %w", err)))
	return append(dt, '\n')
}
