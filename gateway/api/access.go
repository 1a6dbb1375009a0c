package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// need is what a route asks of its caller.
type need int

const (
	// nothing: anybody on the network.
	nothing need = iota
	// signedURL: whoever has the URL.
	signedURL
	// signedIn: a person or a program.
	signedIn
	// person: somebody with a page's session, not a program.
	person
	// signedInOrHere: also a program on this machine, without a token.
	signedInOrHere
)

// credential is what lets a caller in.
type credential struct {
	kind    credentialKind
	secret  string
	account string
}

type credentialKind string

const (
	sessionCredential credentialKind = "session" // of a page
	tokenCredential   credentialKind = "token"   // of a program
)

// caller is who a request is from; the zero caller is nobody.
type caller struct {
	credential
	here     bool   // a program on this machine
	listener string // whose taste the request is about, if it says
}

func (c caller) signedIn() bool { return c.secret != "" }

type callerKey struct{}

// callerOf returns who authorise let in.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

var (
	errNotSignedIn = problem(http.StatusUnauthorized, "not-signed-in", "Not signed in", phrase.NotSignedIn)
	errOnlyPerson  = problem(http.StatusForbidden, "forbidden", "Not for programs", phrase.OnlyPerson)
)

// authorise is the one place that decides who may call what. It fails closed:
// a need that it does not know lets nobody in.
func (a *API) authorise(r *http.Request, n need) (caller, error) {
	if n == signedURL {
		return caller{}, a.checkMedia(r)
	}
	c, err := a.identify(r)
	if err != nil {
		return caller{}, err
	}
	switch n {
	case nothing:
		return c, nil
	case signedIn:
		if c.signedIn() {
			return c, nil
		}
	case signedInOrHere:
		if c.signedIn() || c.here {
			return c, nil
		}
	case person:
		if c.kind == sessionCredential {
			return c, nil
		}
		if c.signedIn() {
			return caller{}, errOnlyPerson
		}
	case signedURL:
	}
	return caller{}, errNotSignedIn
}

// identify finds out who sent r. A token that is not good is an error; a
// cookie that is not good is nobody, because browsers keep sending it.
func (a *API) identify(r *http.Request) (caller, error) {
	c := caller{here: fromHere(r)}
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return caller{}, errNotSignedIn
		}
		var err error
		c.credential, err = a.check(r.Context(), tokenCredential, strings.TrimSpace(secret))
		if errors.Is(err, store.ErrNotFound) {
			return caller{}, errNotSignedIn
		}
		return c, err
	}
	cookie, err := r.Cookie(a.cookieFor(r))
	if err != nil {
		return c, nil
	}
	c.credential, err = a.check(r.Context(), sessionCredential, cookie.Value)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return caller{}, err
	}
	return c, nil
}

// sessionLength is how long a session lasts from its last use; it is written
// anew at most once in sessionRenewal.
const (
	sessionLength  = 90 * 24 * time.Hour
	sessionRenewal = 24 * time.Hour
)

// check returns store.ErrNotFound for a secret that lets nobody in (any more).
func (a *API) check(ctx context.Context, k credentialKind, secret string) (credential, error) {
	if secret == "" || len(secret) > 512 {
		return credential{}, store.ErrNotFound
	}
	if k == tokenCredential {
		t, err := a.cfg.Accounts.Token(ctx, secret)
		if err != nil {
			return credential{}, err
		}
		return credential{kind: k, secret: secret, account: t.Account}, nil
	}
	account, expires, err := a.cfg.Accounts.Session(ctx, secret)
	if err != nil {
		return credential{}, err
	}
	now := a.now()
	if !now.Before(expires) {
		return credential{}, store.ErrNotFound
	}
	if expires.Sub(now) < sessionLength-sessionRenewal {
		if err := a.cfg.Accounts.ExtendSession(ctx, secret, now.Add(sessionLength)); err != nil {
			a.log.Warn("extend a session", "err", err) // it is good all the same
		}
	}
	return credential{kind: k, secret: secret, account: account}, nil
}
