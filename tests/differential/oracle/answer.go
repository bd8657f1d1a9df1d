package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	"google.golang.org/protobuf/proto"
)

// Answer is one line of output.
type Answer struct {
	ID    string  `json:"id"`
	Error *string `json:"error"`
	// ErrorLines holds the lines of each place that the error names, innermost place first.
	ErrorLines [][]int32 `json:"error_lines,omitempty"`
	*Graph
	Platforms    map[string]*Graph   `json:"platforms,omitempty"`
	Attestations map[string][]*Graph `json:"attestations,omitempty"`
	Meta         map[string]string   `json:"meta,omitempty"`
	Warnings     []Warning           `json:"warnings"`
}

// Graph is the result for one platform.
type Graph struct {
	Ops      []digest.Digest           `json:"ops"`
	Metadata map[string]*pb.OpMetadata `json:"metadata"`
	Image    json.RawMessage           `json:"image,omitempty"`
	Def      []byte                    `json:"def_b64,omitempty"`
}

// Warning is one finding of the frontend's checks.
type Warning struct {
	Rule        string     `json:"rule"`
	Description string     `json:"description"`
	Detail      string     `json:"detail"`
	URL         string     `json:"url"`
	Lines       [][2]int32 `json:"lines"`
}

func failed(id string, err error) *Answer {
	msg := err.Error()
	return &Answer{ID: id, Error: &msg, ErrorLines: errorLines(err), Warnings: []Warning{}}
}

func errorLines(err error) [][]int32 {
	places := [][]int32{}
	for _, source := range errdefs.Sources(err) {
		lines := []int32{}
		for _, r := range source.Ranges {
			for line := r.Start.Line; line <= max(r.Start.Line, r.End.Line); line++ {
				lines = append(lines, line)
			}
		}
		slices.Sort(lines)
		places = append(places, slices.Compact(lines))
	}
	return places
}

func newAnswer(c *Case, res *client.Result) (*Answer, error) {
	a := &Answer{ID: c.ID, Meta: map[string]string{}, Platforms: map[string]*Graph{}}
	for k, v := range res.Metadata {
		a.Meta[k] = string(v)
	}
	if res.Ref != nil {
		g, err := newGraph(res.Ref, c.Def)
		if err != nil {
			return nil, err
		}
		g.Image = a.take(exptypes.ExporterImageConfigKey)
		a.Graph = g
	}
	for id, ref := range res.Refs {
		g, err := newGraph(ref, c.Def)
		if err != nil {
			return nil, err
		}
		g.Image = a.take(exptypes.ExporterImageConfigKey + "/" + id)
		a.Platforms[id] = g
	}
	for id, list := range res.Attestations {
		for _, att := range list {
			g, err := newGraph(att.Ref, c.Def)
			if err != nil {
				return nil, err
			}
			if a.Attestations == nil {
				a.Attestations = map[string][]*Graph{}
			}
			a.Attestations[id] = append(a.Attestations[id], g)
		}
	}
	return a, nil
}

func (a *Answer) take(key string) json.RawMessage {
	v, ok := a.Meta[key]
	if !ok {
		return nil
	}
	delete(a.Meta, key)
	return json.RawMessage(v)
}

func newGraph(ref client.Reference, withDef bool) (*Graph, error) {
	s, ok := ref.(*solved)
	if !ok {
		return nil, fmt.Errorf("unexpected reference %T", ref)
	}
	g := &Graph{Ops: []digest.Digest{}, Metadata: map[string]*pb.OpMetadata{}}
	groups := map[string]string{}
	for _, dt := range s.def.GetDef() {
		d := digest.FromBytes(dt)
		g.Ops = append(g.Ops, d)
		md, ok := s.def.Metadata[string(d)]
		if !ok {
			continue
		}
		md = md.CloneVT()
		if pg := md.ProgressGroup; pg != nil {
			if groups[pg.Id] == "" {
				groups[pg.Id] = strconv.Itoa(len(groups) + 1)
			}
			pg.Id = groups[pg.Id]
		}
		g.Metadata[string(d)] = md
	}
	if withDef {
		dt, err := proto.MarshalOptions{Deterministic: true}.Marshal(s.def)
		if err != nil {
			return nil, err
		}
		g.Def = dt
	}
	return g, nil
}

// newWarning takes the message apart that the frontend puts together: "Rule: detail (line N)".
func newWarning(msg string, opts client.WarnOpts) Warning {
	w := Warning{URL: opts.URL, Lines: [][2]int32{}}
	for _, d := range opts.Detail {
		w.Description += string(d)
	}
	w.Rule, w.Detail, _ = strings.Cut(msg, ": ")
	for _, r := range opts.Range {
		w.Lines = append(w.Lines, [2]int32{r.Start.Line, r.End.Line})
	}
	if len(w.Lines) > 0 && w.Lines[0][0] > 0 {
		w.Detail = strings.TrimSuffix(w.Detail, fmt.Sprintf(" (line %d)", w.Lines[0][0]))
	}
	return w
}

func (w *world) sortedWarnings() []Warning {
	list := slices.Clone(w.warnings.list)
	slices.SortFunc(list, func(a, b Warning) int {
		return cmp.Or(
			slices.CompareFunc(a.Lines, b.Lines, func(x, y [2]int32) int { return slices.Compare(x[:], y[:]) }),
			strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Detail, b.Detail),
		)
	})
	if list == nil {
		list = []Warning{}
	}
	return list
}
