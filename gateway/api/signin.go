package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

type sessionView struct {
	Name string `json:"name"`
}

type tokenView struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Token   string    `json:"token,omitempty"` // the secret, only where it was just made
}

// cookieName is the gateway's own: cookies know no ports, and several gateways
// on one host must not sign each other out.
func cookieName(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("jumpgate cookie name 1"))
	return "jumpgate_" + hex.EncodeToString(mac.Sum(nil)[:4])
}

// cookieFor keeps the cookies of https and http apart: a Secure one could not
// be replaced over http, and would never be sent there.
func (a *API) cookieFor(r *http.Request) string {
	if r.TLS != nil {
		return "__Host-" + a.cookie
	}
	return a.cookie
}

func (a *API) setCookie(w http.ResponseWriter, r *http.Request, value string, age time.Duration) {
	c := &http.Cookie{
		Name: a.cookieFor(r), Value: value, Path: "/", MaxAge: int(age / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	}
	if age <= 0 {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// tries holds back whoever guesses; it answers the request if it must wait.
func (a *API) tries(w http.ResponseWriter, r *http.Request) bool {
	wait := a.throttle.take(remote(r))
	if wait == 0 {
		return true
	}
	p := problem(http.StatusTooManyRequests, "too-many", "Too many tries", phrase.TooManyTries)
	p.retry = wait
	a.fail(w, r, p)
	return false
}

// claim makes the first account for whoever has the setup code.
func (a *API) claim(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Code     string `json:"code"`
		Name     string `json:"name"`
		Password string `json:"password"`
	}
	if err := readBody(r, &in); err != nil {
		a.fail(w, r, err)
		return
	}
	if !a.tries(w, r) {
		return
	}
	if err := a.mayClaim(r, in.Code); err != nil {
		a.fail(w, r, err)
		return
	}
	a.throttle.forgive(remote(r))
	name := strings.TrimSpace(in.Name)
	if err := checkAccount(name, in.Password); err != nil {
		a.fail(w, r, err)
		return
	}
	hash, err := a.hasher.hash(r.Context(), in.Password)
	if err == nil {
		err = a.cfg.Accounts.Claim(r.Context(), name, hash)
	}
	if errors.Is(err, store.ErrExists) {
		err = errClaimed
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.log.Info("the gateway was claimed", "account", name, "from", remote(r))
	a.pushServer(r.Context())
	a.ListenersChanged(r.Context()) // somebody moved in
	a.startSession(w, r, name, http.StatusCreated)
}

var errClaimed = problem(http.StatusConflict, "claimed", "Claimed already", phrase.Claimed)

func (a *API) mayClaim(r *http.Request, code string) error {
	n, err := a.cfg.Accounts.Accounts(r.Context())
	if err != nil {
		return err
	}
	if n > 0 {
		return errClaimed
	}
	want := plainCode(a.cfg.SetupCode)
	if want == "" || subtle.ConstantTimeCompare([]byte(plainCode(code)), []byte(want)) != 1 {
		a.log.Warn("a wrong setup code", "from", remote(r))
		return problem(http.StatusForbidden, "wrong-code", "Wrong setup code", phrase.WrongCode)
	}
	return nil
}

// plainCode leaves of a setup code what counts.
func plainCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(s)))
}

// maxPassword bounds what is hashed, in bytes.
const maxPassword = 1024

func checkAccount(name, password string) error {
	switch {
	case name == "" || utf8.RuneCountInString(name) > 64:
		return Invalid(phrase.NameLength, 64)
	}
	return checkPassword(password)
}

func checkPassword(password string) error {
	switch {
	case utf8.RuneCountInString(password) < 8:
		return Invalid(phrase.PasswordShort, 8)
	case len(password) > maxPassword:
		return Invalid(phrase.PasswordLong)
	}
	return nil
}

// signIn compares a password and begins a session. A wrong name and a wrong
// password look alike and take as long.
func (a *API) signIn(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name     string `json:"name"`
		Password string `json:"password"`
	}
	if err := readBody(r, &in); err != nil {
		a.fail(w, r, err)
		return
	}
	if len(in.Password) > maxPassword {
		a.fail(w, r, Invalid(phrase.PasswordLong))
		return
	}
	if !a.tries(w, r) {
		return
	}
	account, err := a.cfg.Accounts.Account(r.Context(), strings.TrimSpace(in.Name))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		a.fail(w, r, err)
		return
	}
	good, err := a.hasher.matches(r.Context(), in.Password, account.Password)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if !good {
		a.log.Warn("a wrong name or password", "from", remote(r))
		a.fail(w, r, problem(http.StatusUnauthorized, "wrong-password", "Not signed in", phrase.WrongPassword))
		return
	}
	a.throttle.forgive(remote(r))
	a.startSession(w, r, account.Name, http.StatusOK)
}

func (a *API) startSession(w http.ResponseWriter, r *http.Request, account string, status int) {
	secret, err := newSecret(a.cfg.Rand, "")
	if err == nil {
		err = a.cfg.Accounts.AddSession(r.Context(), secret, account, a.now().Add(sessionLength))
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.setCookie(w, r, secret, sessionLength)
	a.reply(w, status, sessionView{Name: account})
}

func (a *API) session(w http.ResponseWriter, r *http.Request) {
	c := callerOf(r.Context())
	if !c.signedIn() {
		a.fail(w, r, errNotSignedIn)
		return
	}
	if c.kind == sessionCredential {
		a.setCookie(w, r, c.secret, sessionLength) // it lasts as long as it is used
	}
	a.reply(w, http.StatusOK, sessionView{Name: c.account})
}

func (a *API) signOut(w http.ResponseWriter, r *http.Request) {
	if c := callerOf(r.Context()); c.kind == sessionCredential {
		if err := a.cfg.Accounts.DeleteSession(r.Context(), c.secret); err != nil && !errors.Is(err, store.ErrNotFound) {
			a.fail(w, r, err)
			return
		}
		a.hub.cutAll(func(who caller) bool { return who.secret == c.secret }, closeSignedOut, "signed out")
	}
	a.setCookie(w, r, "", 0)
	a.reply(w, http.StatusNoContent, nil)
}

func (a *API) listTokens(w http.ResponseWriter, r *http.Request) {
	tokens, err := a.ownTokens(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.reply(w, http.StatusOK, List[tokenView]{mapped(tokens, func(t store.Token) tokenView {
		return tokenView{ID: t.ID, Name: t.Name, Created: t.Created.UTC()}
	})})
}

// ownTokens are the caller's and those that belong to the gateway itself.
func (a *API) ownTokens(r *http.Request) ([]store.Token, error) {
	all, err := a.cfg.Accounts.Tokens(r.Context())
	if err != nil {
		return nil, err
	}
	var own []store.Token
	for _, t := range all {
		if t.Account == "" || t.Account == callerOf(r.Context()).account {
			own = append(own, t)
		}
	}
	return own, nil
}

func (a *API) createToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name string `json:"name"`
	}
	if err := readBody(r, &in); err != nil {
		a.fail(w, r, err)
		return
	}
	name, err := cleanName(in.Name, 64)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	secret, err := NewToken(a.cfg.Rand)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	t, err := a.cfg.Accounts.AddToken(r.Context(), secret, name, callerOf(r.Context()).account)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.reply(w, http.StatusCreated, tokenView{ID: t.ID, Name: t.Name, Created: t.Created.UTC(), Token: secret})
}

func (a *API) deleteToken(w http.ResponseWriter, r *http.Request) {
	own, err := a.ownTokens(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	id := r.PathValue("id")
	for _, t := range own {
		if t.ID != id {
			continue
		}
		if err := a.cfg.Accounts.DeleteToken(r.Context(), id); err != nil {
			a.fail(w, r, err)
			return
		}
		a.recheck(r.Context())
		a.reply(w, http.StatusNoContent, nil)
		return
	}
	a.fail(w, r, store.ErrNotFound)
}
