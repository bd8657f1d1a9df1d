// A small web service: pages from a directory, a guestbook in memory, and a health check.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	address := flag.String("addr", ":8080", "where to listen")
	pages := flag.String("pages", "/srv/pages", "directory of the pages")
	flag.Parse()

	if _, err := os.Stat(*pages); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, service(*pages)))
}

func service(pages string) http.Handler {
	routes := http.NewServeMux()
	routes.Handle("/", http.FileServer(http.Dir(pages)))
	routes.Handle("/guests", &guestbook{})
	routes.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "well") })
	return routes
}
