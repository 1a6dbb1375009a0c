package gateway

import (
	"net/http"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
)

// controlPlayers answers `jumpgate players`: see ControlClient.
func (g *Gateway) controlPlayers(mux *http.ServeMux) {
	mux.HandleFunc("POST /players/{id}/pair", func(w http.ResponseWriter, r *http.Request) {
		d, err := g.house.Pair(r.Context(), r.PathValue("id"), api.PairRequest{Method: r.FormValue("method"), Token: r.FormValue("token")})
		g.answer(w, d, err)
	})
	mux.HandleFunc("POST /players/{id}/code", func(w http.ResponseWriter, r *http.Request) {
		d, err := g.house.EnterCode(r.Context(), r.PathValue("id"), r.FormValue("code"))
		g.answer(w, d, err)
	})
	mux.HandleFunc("POST /players/{id}/cancel", func(w http.ResponseWriter, r *http.Request) {
		d, err := g.house.CancelPairing(r.Context(), r.PathValue("id"))
		g.answer(w, d, err)
	})
	mux.HandleFunc("POST /players/{id}/unpair", func(w http.ResponseWriter, r *http.Request) {
		d, err := g.house.Unpair(r.Context(), r.PathValue("id"))
		g.answer(w, d, err)
	})
	mux.HandleFunc("POST /players/{id}/approve", func(w http.ResponseWriter, r *http.Request) {
		yes := r.FormValue("approved") == "yes"
		d, err := g.house.Patch(r.Context(), r.PathValue("id"), api.DevicePatch{Approved: &yes})
		g.answer(w, d, err)
	})
	mux.HandleFunc("GET /players", func(w http.ResponseWriter, r *http.Request) {
		s, err := g.house.PlayerSettings(r.Context())
		g.answer(w, s, err)
	})
	mux.HandleFunc("POST /players", func(w http.ResponseWriter, r *http.Request) {
		g.answer(w, nil, g.house.SetPlayerSettings(r.Context(), api.PlayerSettings{Cleartext: r.FormValue("cleartext") == "on"}))
	})
}
