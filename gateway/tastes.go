package gateway

import (
	"context"
	"fmt"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// tasteOf finds the taste of a listener by name. Without a name it is that of
// the only one, or in a home where nobody lives yet that of who moves in.
func tasteOf(ctx context.Context, s *store.Store, name string) (string, error) {
	all, err := s.Listeners(ctx)
	if err != nil {
		return "", err
	}
	names := make([]string, len(all))
	for i, l := range all {
		if strings.EqualFold(l.Name, name) {
			return l.ID, nil
		}
		names[i] = l.Name
	}
	switch {
	case name != "" && len(all) == 0:
		return "", fmt.Errorf("there is no listener %q: nobody lives here yet", name)
	case name != "":
		return "", fmt.Errorf("there is no listener %q, only %s", name, strings.Join(names, ", "))
	case len(all) == 0:
		return store.ImportedTaste, nil
	case len(all) > 1:
		return "", fmt.Errorf("whose is it? Name one with --for: %s", strings.Join(names, ", "))
	}
	return all[0].ID, nil
}

func blend(tastes []string) string {
	if len(tastes) == 0 {
		return ""
	}
	return tastes[0]
}

func wish(e *jump.Engine, w store.Wish) {}

func (r *recommender) leanings(ctx context.Context, taste string) ([]api.Leaning, error) {
	return []api.Leaning{}, nil
}
