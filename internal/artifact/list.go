package artifact

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// List says what of a list is wanted, and in which order: a Mongo-style filter
// and "+field" or "-field", both "" for all.
type List struct {
	Filter string
	Order  string
}

// Version is a version with its number in the collection that was asked.
type Version struct {
	ballast.Artifact
	Number int64
}

// Versions lists the versions in a collection, the newest first when nothing
// else is asked.
func (s *Artifacts) Versions(ctx context.Context, collectionID int64, l List) (list []Version, err error) {
	keep, err := compile(l.Filter)
	if err != nil {
		return nil, err
	}
	docs := map[int64]document{}
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		all, err := tx.Artifacts(collectionID)
		if err != nil {
			return err
		}
		for _, a := range all {
			m, err := tx.ArtifactMember(collectionID, a.ID)
			if err != nil {
				return err
			}
			v := Version{a, m.Version}
			doc, err := versionDocument(tx, v, l)
			if err != nil {
				return err
			}
			if keep.match(doc) {
				list, docs[a.ID] = append(list, v), doc
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Version) int { return cmp.Compare(b.Number, a.Number) })
	return list, order(list, l.Order, func(v Version) document { return docs[v.ID] })
}

// versionDocument is what a filter sees of a version.
func versionDocument(tx *meta.Tx, v Version, l List) (document, error) {
	if l.Filter == "" && l.Order == "" {
		return nil, nil
	}
	doc := document{"state": string(v.State), "digest": v.Digest, "description": v.Description, "size": float64(v.Bytes), "filecount": float64(v.Files),
		"versionindex": float64(v.Number), "createdat": stamp(v.Created), "updatedat": stamp(v.Updated), "name": v.Collection.Name, "type": v.Collection.Type}
	tags, err := tx.ArtifactTags(v.ID, 0)
	if err != nil {
		return nil, err
	}
	aliases, err := tx.AliasesOf(v.ID, 0)
	if err != nil {
		return nil, err
	}
	doc["tags"], doc["tag"] = texts(tags), texts(tags)
	var names []string
	for _, a := range aliases {
		names = append(names, a.Alias)
	}
	doc["aliases"], doc["alias"] = texts(names), texts(names)
	if strings.Contains(l.Filter, "metadata") {
		var m any
		if json.Unmarshal([]byte(v.Metadata), &m) == nil {
			doc["metadata"] = m
		}
	}
	return doc, nil
}

// Collections lists a project's collections, those of one type when typeID is
// not 0, by name when nothing else is asked.
func (s *Artifacts) Collections(ctx context.Context, projectID, typeID int64, l List) (list []ballast.Collection, err error) {
	keep, err := compile(l.Filter)
	if err != nil {
		return nil, err
	}
	docs := map[int64]document{}
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		all, err := tx.Collections(projectID, typeID)
		for _, c := range all {
			var tags []string
			if l.Filter != "" {
				if tags, err = tx.ArtifactTags(0, c.ID); err != nil {
					return err
				}
			}
			docs[c.ID] = document{"name": c.Name, "description": c.Description, "type": c.Type, "createdat": stamp(c.Created), "updatedat": stamp(c.Updated),
				"tags": texts(tags), "tag": texts(tags)}
			if keep.match(docs[c.ID]) {
				list = append(list, c)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, order(list, l.Order, func(c ballast.Collection) document { return docs[c.ID] })
}

func texts(list []string) []any {
	out := []any{}
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

// order sorts by "+field" or "-field"; what is equal stays as it was.
func order[T any](list []T, by string, doc func(T) document) error {
	if by == "" {
		return nil
	}
	name, sign := strings.TrimLeft(by, "+-"), 1
	if strings.HasPrefix(by, "-") {
		sign = -1
	}
	path, err := fieldPath(name)
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b T) int { return sign * compareValues(doc(a).get(path), doc(b).get(path)) })
	return nil
}
