package wall

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

//go:embed static
var files embed.FS

// page renders the page on the server, so that it is whole before any script runs; the
// script only keeps it up to date.
type page struct {
	templates *template.Template
	files     map[string]staticFile
}

type staticFile struct {
	body []byte
	tag  string
}

type pageData struct {
	State
	Title    string
	Subtitle string
	Acts     bool
	Extra    Extra
}

func newPage() (*page, error) {
	p := &page{files: map[string]staticFile{}}
	var err error
	p.templates, err = template.New("").Funcs(template.FuncMap{
		"lifecycle": func() template.HTML { return template.HTML(Diagram()) }, // of our own table
		"legend":    legend,
		"icon":      icon,
		"counts":    counts,
	}).ParseFS(files, "static/*.html")
	if err != nil {
		return nil, fmt.Errorf("wall: %w", err)
	}
	names, err := fs.Glob(files, "static/*")
	if err != nil {
		return nil, fmt.Errorf("wall: %w", err)
	}
	for _, name := range names {
		if path.Ext(name) == ".html" {
			continue
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("wall: %w", err)
		}
		sum := sha256.Sum256(body)
		p.files[path.Base(name)] = staticFile{body, `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	return p, nil
}

func (p *page) render(rw http.ResponseWriter, name string, data pageData) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		problem(rw, http.StatusInternalServerError, "the page could not be made")
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(rw)
}

func (p *page) static(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	f, ok := p.files[name]
	if !ok {
		problem(rw, http.StatusNotFound, "there is no such file")
		return
	}
	rw.Header().Set("ETag", f.tag)
	http.ServeContent(rw, r, name, time.Time{}, bytes.NewReader(f.body))
}

// kind is a status on the page.
type kind struct {
	Status string
	Label  string
	Count  int
}

// legend is what the colours mean, and how many doors there are of each.
func legend(s State) []kind {
	count := map[harbor.LockerStatus]int{}
	for _, t := range s.Towers {
		for _, d := range t.Doors {
			count[d.Status]++
		}
	}
	var kinds []kind
	for _, status := range harbor.LockerStatuses() {
		kinds = append(kinds, kind{string(status), statusWords(status), count[status]})
	}
	return kinds
}

// icon is the name of a status's picture.
func icon(s harbor.LockerStatus) string {
	if !s.Known() {
		return "unknown"
	}
	return string(s)
}

// counts is how many doors of a tower are free.
func counts(t Tower) string {
	free := 0
	for _, d := range t.Doors {
		if d.Status == harbor.LockerStatusAvailable {
			free++
		}
	}
	return fmt.Sprintf("%d of %d free", free, len(t.Doors))
}
