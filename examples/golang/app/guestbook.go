package main

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync"
)

const greeting = "Guests so far"

// guestbook adds ?name= and lists everybody.
type guestbook struct {
	mutex  sync.Mutex
	guests strings.Builder
}

func (g *guestbook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if name := r.FormValue("name"); name != "" {
		fmt.Fprintf(&g.guests, "<li>%s</li>", html.EscapeString(name))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html><title>%s</title><h1>%[1]s</h1><ul>%s</ul>", greeting, g.guests.String())
}
