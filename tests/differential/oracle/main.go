// Oracle answers conversion cases with BuildKit's own Dockerfile frontend.
//
// Standard input holds one JSON case a line, standard output gets one JSON answer a line, in the same order. The frontend
// packages run unchanged; only the gateway client below them is ours and plays the small world a case describes (world.go).
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/moby/buildkit/frontend/dockerfile/builder"
)

const queueLength = 64

type job struct {
	line   []byte
	answer chan []byte
}

func main() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<20)
	answer := spread
	if len(os.Args) > 1 && os.Args[1] == workerArg {
		answer = work
	}
	if err := answer(in, out); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

// work answers one case after another, as a worker.
func work(in *bufio.Reader, out *bufio.Writer) error {
	offline()
	debug.SetMaxStack(maxStack)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return nil
		}
		if _, err := out.Write(append(reply(line), '\n')); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

// offline makes every name look-up fail, so that no case depends on the network.
func offline() {
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("there are no names in the world of a case")
		},
	}
}

// spread gives the cases to workers, one per processor, and keeps the order of the answers.
func spread(in *bufio.Reader, out *bufio.Writer) error {
	todo := make(chan job, queueLength)
	ordered := make(chan job, queueLength)
	for range runtime.GOMAXPROCS(0) {
		go serve(todo)
	}
	go func() {
		defer close(ordered)
		defer close(todo)
		for {
			line, err := in.ReadBytes('\n')
			if len(bytes.TrimSpace(line)) > 0 {
				line = append(bytes.TrimSpace(line), '\n')
				j := job{line: line, answer: make(chan []byte, 1)}
				ordered <- j
				todo <- j
			}
			if err != nil {
				return
			}
		}
	}()
	for j := range ordered {
		if _, err := out.Write(<-j.answer); err != nil {
			return err
		}
		if len(ordered) == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

func reply(line []byte) []byte {
	var c Case
	var a *Answer
	if err := json.Unmarshal(line, &c); err != nil {
		a = failed("", fmt.Errorf("not a case: %w", err))
	} else {
		a = convert(&c)
	}
	dt, err := encode(a)
	if err != nil {
		dt, _ = encode(failed(c.ID, err))
	}
	return dt
}

// convert runs the frontend on one case. A panic of the frontend is an error of the case.
func convert(c *Case) (a *Answer) {
	defer func() {
		if r := recover(); r != nil {
			a = failed(c.ID, fmt.Errorf("panic: %v", r))
		}
	}()
	w := newWorld(c)
	res, err := builder.Build(context.Background(), w)
	if err != nil {
		a = failed(c.ID, err)
		a.Warnings = w.sortedWarnings()
		return a
	}
	a, err = newAnswer(c, res)
	if err != nil {
		return failed(c.ID, err)
	}
	a.Warnings = w.sortedWarnings()
	return a
}

func encode(a *Answer) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}
