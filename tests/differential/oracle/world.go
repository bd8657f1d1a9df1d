package main

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/builder"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	"github.com/moby/buildkit/util/system"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	fstypes "github.com/tonistiigi/fsutil/types"
)

const (
	sessionID    = "session"
	committed    = 1700000000
	lastModified = 1600000000
	maxForwards  = 10
)

// Case is one line of input.
type Case struct {
	ID           string            `json:"id"`
	Dockerfile   string            `json:"dockerfile"`
	Dockerignore map[string]string `json:"dockerignore"`
	Opts         map[string]string `json:"opts"`
	Images       map[string]Image  `json:"images"`
	Caps         string            `json:"caps"`
	Def          bool              `json:"def"`
}

// Image is what the registry of a case answers for one reference.
type Image struct {
	Digest digest.Digest   `json:"digest"`
	Config json.RawMessage `json:"config"`
	Error  string          `json:"error"`
}

// world is a gateway client whose engine, registry and session are the ones a case describes.
type world struct {
	c        *Case
	opts     client.BuildOpts
	forwards int
	warnings *warnings
}

type warnings struct {
	mu   sync.Mutex
	list []Warning
}

var _ client.Client = (*world)(nil)

func newWorld(c *Case) *world {
	opts := maps.Clone(c.Opts)
	if opts == nil {
		opts = map[string]string{}
	}
	return &world{
		c:        c,
		warnings: &warnings{},
		opts: client.BuildOpts{
			Opts:      opts,
			SessionID: sessionID,
			Product:   "buildkit",
			Workers:   []client.WorkerInfo{{ID: "worker", Platforms: []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}}}},
			LLBCaps:   llbCaps(c.Caps),
			Caps:      gwpb.Caps.CapSet(gwpb.Caps.All()),
		},
	}
}

// llbCaps reads "all" or "all,-ID,-ID".
func llbCaps(text string) apicaps.CapSet {
	missing := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		if id, ok := strings.CutPrefix(part, "-"); ok {
			missing[id] = true
		}
	}
	all := pb.Caps.All()
	kept := all[:0]
	for _, c := range all {
		if !missing[c.ID] {
			kept = append(kept, c)
		}
	}
	return pb.Caps.CapSet(kept)
}

func (w *world) BuildOpts() client.BuildOpts { return w.opts }

func (w *world) Inputs(context.Context) (map[string]llb.State, error) {
	return map[string]llb.State{}, nil
}

func (w *world) NewContainer(context.Context, client.NewContainerRequest) (client.Container, error) {
	return nil, errors.New("the world of a case runs nothing")
}

func (w *world) Warn(_ context.Context, _ digest.Digest, msg string, opts client.WarnOpts) error {
	w.warnings.mu.Lock()
	defer w.warnings.mu.Unlock()
	w.warnings.list = append(w.warnings.list, newWarning(msg, opts))
	return nil
}

func (w *world) Solve(ctx context.Context, req client.SolveRequest) (*client.Result, error) {
	if req.Frontend != "" {
		return w.forward(ctx, req)
	}
	res := client.NewResult()
	res.SetRef(&solved{w: w, def: req.Definition})
	return res, nil
}

// forward runs this same frontend again, as a syntax image that names it would.
func (w *world) forward(ctx context.Context, req client.SolveRequest) (*client.Result, error) {
	if w.forwards == maxForwards {
		return nil, errors.New("the frontend forwards without end")
	}
	next := *w
	next.forwards++
	next.opts.Opts = maps.Clone(req.FrontendOpt)
	return builder.Build(ctx, &next)
}

func (w *world) ResolveImageConfig(ctx context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return sourceresolver.NewImageMetaResolver(w).ResolveImageConfig(ctx, ref, opt)
}

func (w *world) ResolveSourceMetadata(_ context.Context, op *pb.SourceOp, opt sourceresolver.Opt) (*sourceresolver.MetaResponse, error) {
	scheme, rest, _ := strings.Cut(op.Identifier, "://")
	res := &sourceresolver.MetaResponse{Op: op}
	switch scheme {
	case "docker-image", "oci-layout":
		img, err := w.image(rest, opt)
		res.Image = img
		return res, err
	case "git":
		res.Git = gitMetadata(op.Identifier, opt.GitOpt != nil && opt.GitOpt.ReturnObject)
	case "http", "https":
		when := time.Unix(lastModified, 0).UTC()
		res.HTTP = &sourceresolver.ResolveHTTPResponse{Digest: digest.FromString(op.Identifier), LastModified: &when}
	}
	return res, nil
}

func (w *world) image(ref string, opt sourceresolver.Opt) (*sourceresolver.ResolveImageResponse, error) {
	platform := wantedPlatform(opt)
	img := w.c.Images[ref]
	if img.Error != "" {
		return nil, errors.New(img.Error)
	}
	if img.Digest == "" {
		img.Digest = ownDigest(ref, platform)
	}
	if len(img.Config) == 0 {
		dt, err := json.Marshal(plainConfig(platform, img.Digest))
		if err != nil {
			return nil, err
		}
		img.Config = dt
	}
	return &sourceresolver.ResolveImageResponse{Digest: img.Digest, Config: img.Config}, nil
}

func wantedPlatform(opt sourceresolver.Opt) ocispecs.Platform {
	p := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	if o := opt.ImageOpt; o != nil && o.Platform != nil {
		p = *o.Platform
	} else if o := opt.OCILayoutOpt; o != nil && o.Platform != nil {
		p = *o.Platform
	}
	return platforms.Normalize(p)
}

func ownDigest(ref string, p ocispecs.Platform) digest.Digest {
	if named, err := reference.ParseNormalizedNamed(ref); err == nil {
		if d, ok := named.(reference.Digested); ok {
			return d.Digest()
		}
	}
	return digest.FromString(ref + " " + platforms.FormatAll(p))
}

func plainConfig(p ocispecs.Platform, d digest.Digest) ocispecs.Image {
	return ocispecs.Image{
		Platform: p,
		Config:   ocispecs.ImageConfig{Env: []string{"PATH=" + system.DefaultPathEnvUnix}},
		RootFS:   ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{d}},
		History:  []ocispecs.History{{CreatedBy: "oracle"}},
	}
}

func gitMetadata(identifier string, object bool) *sourceresolver.ResolveGitResponse {
	sum := sha1.Sum([]byte(identifier))
	md := &sourceresolver.ResolveGitResponse{Checksum: hex.EncodeToString(sum[:])}
	if object {
		md.CommitObject = fmt.Appendf(nil, "tree %s\nauthor a <a@b> %d +0000\ncommitter a <a@b> %d +0000\n\noracle\n",
			md.Checksum, committed, committed)
	}
	return md
}

// solved is a solved definition; its paths read as the page of conversion cases says.
type solved struct {
	w   *world
	def *pb.Definition
}

var _ client.Reference = (*solved)(nil)

func (r *solved) ToState() (llb.State, error) {
	op, err := llb.NewDefinitionOp(r.def)
	if err != nil {
		return llb.State{}, err
	}
	return llb.NewState(op), nil
}

func (r *solved) Evaluate(context.Context) error { return nil }

func (r *solved) content(name string) ([]byte, error) {
	if !strings.HasSuffix(name, ".dockerignore") {
		return []byte(r.w.c.Dockerfile), nil
	}
	text, ok := r.w.c.Dockerignore[r.local()]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

// local names the local source of the definition's first op.
func (r *solved) local() string {
	if r.def == nil || len(r.def.Def) == 0 {
		return ""
	}
	var op pb.Op
	if err := op.UnmarshalVT(r.def.Def[0]); err != nil {
		return ""
	}
	return strings.TrimPrefix(op.GetSource().GetIdentifier(), "local://")
}

func (r *solved) ReadFile(_ context.Context, req client.ReadRequest) ([]byte, error) {
	dt, err := r.content(req.Filename)
	if err != nil {
		return nil, err
	}
	if req.Range != nil {
		dt = dt[min(req.Range.Offset, len(dt)):]
		if req.Range.Length > 0 {
			dt = dt[:min(req.Range.Length, len(dt))]
		}
	}
	return dt, nil
}

func (r *solved) StatFile(_ context.Context, req client.StatRequest) (*fstypes.Stat, error) {
	dt, err := r.content(req.Path)
	if err != nil {
		return nil, err
	}
	return &fstypes.Stat{Path: req.Path, Mode: 0o644, Size: int64(len(dt))}, nil
}

func (r *solved) ReadDir(context.Context, client.ReadDirRequest) ([]*fstypes.Stat, error) {
	return nil, errors.New("the world of a case has no directories")
}
