package server

import (
	"net/http"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// artifactV2 sends the caller on to a signed link of a file of an artifact
// (PROTOCOL section 5.5): region, entity, project, collection, the version's id
// in newer clients, the id of the version that the file was first in, the
// digest in hex, and the file's name.
func artifactV2(s *Server, w http.ResponseWriter, r *http.Request) error {
	parts := strings.Split(r.PathValue("path"), "/")
	if len(parts) != 7 && len(parts) != 8 {
		return ballast.Errorf(ballast.NotFound, "there is no artifact's file at %.300s", r.URL.Path)
	}
	p, err := s.findProject(r.Context(), parts[1], parts[2], auth.Read)
	if err != nil {
		return err
	}
	return s.sendContent(w, r, p.EntityID, parts[len(parts)-2], parts[len(parts)-1])
}

// artifactV1 is the older form of the address: entity and digest.
func artifactV1(s *Server, w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("entity")
	missing := ballast.Errorf(ballast.NotFound, "entity %.128q does not exist, or you may not see it", name)
	var owner ballast.Entity
	err := s.DB.Read(r.Context(), func(tx *meta.Tx) (err error) {
		owner, err = tx.EntityByName(name)
		return err
	})
	if err == nil {
		err = s.may(r.Context(), auth.Read, owner)
	}
	if ballast.Is(err, ballast.NotFound) {
		return missing
	}
	if err != nil {
		return err
	}
	return s.sendContent(w, r, owner.ID, r.PathValue("digest"), "file")
}

func (s *Server) sendContent(w http.ResponseWriter, r *http.Request, entityID int64, digest, name string) error {
	url, err := s.Artifacts.ByDigest(r.Context(), entityID, digest, name)
	if err != nil {
		return err
	}
	redirect(w, url)
	return nil
}
