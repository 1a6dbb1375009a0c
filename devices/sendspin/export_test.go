package sendspin

import "github.com/jumpgate-audio/jumpgate/devices/sendspin/internal/transport"

// Watch has every message of every connection told in clear; before Run.
func (s *Server) Watch(f func(sent bool, m transport.Message)) { s.watch = f }
