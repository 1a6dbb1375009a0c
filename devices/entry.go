package devices

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// entry is what the registry knows of one device, by where it knows it from.
type entry struct {
	id        string
	sightings map[string]Sighting // by instance and interface: those that stand
	last      *Sighting           // the latest, also when it stands no more
	manual    *manual
	conn      *Device   // what its connection said last; Present tells if it stands
	lost      time.Time // when the last sign of it went, while it has its grace
	seen      time.Time
}

// known tells whether anything but a person's word speaks for the device.
func (e *entry) known() bool { return e.last != nil || e.conn != nil }

// standing tells whether something speaks for its presence now.
func (e *entry) standing() bool {
	return len(e.sightings) > 0 || (e.conn != nil && e.conn.Present)
}

func (e *entry) kind() Kind { return e.device().Kind }

// provisional tells whether the id is just the address that a person typed, or a
// player's name: a better one may come.
func (e *entry) provisional() bool {
	if e.manual != nil && e.id == e.manual.text {
		return true
	}
	return strings.HasPrefix(e.id, playerByName)
}

// device puts together what is known.
func (e *entry) device() Device {
	d := Device{ID: e.id, Present: e.standing() || !e.lost.IsZero(), LastSeen: e.seen}
	var addrs []netip.AddrPort
	if m := e.manual; m != nil {
		d.Kind, d.Origin, d.Added, d.Name = m.kind, Manual, m.text, m.text
	}
	if c := e.conn; c != nil {
		d.Origin, d.Model, d.Version, d.Path = Connected, c.Model, c.Version, c.Path
		if c.Kind != "" {
			d.Kind = c.Kind
		}
		d.Name = first(clean(c.Name), d.Name)
		if c.Present {
			addrs = append(addrs, c.Addrs...)
		}
	}
	if s := e.last; s != nil {
		i, _ := identify(s)
		d.Kind, d.Origin, d.Interface, d.TXT = i.kind, Found, s.Interface, maps.Clone(s.TXT)
		d.Model, d.Version, d.Path = first(d.Model, i.model), first(d.Version, i.version), first(d.Path, i.path)
		if e.conn == nil || e.conn.Name == "" {
			d.Name = i.name
		}
		addrs = append(addrs, e.sighted()...)
	}
	if m := e.manual; m != nil {
		d.Name = first(m.name, d.Name)
		addrs = append(addrs, m.addrs...)
	}
	if len(addrs) == 0 && e.conn != nil {
		addrs = append(addrs, e.conn.Addrs...)
	}
	d.Addrs = unique(addrs)
	return d
}

// sighted are the addresses that discovery saw, of all interfaces, best first.
func (e *entry) sighted() []netip.AddrPort {
	var out []netip.AddrPort
	for _, s := range e.sightings {
		if s.Service == e.last.Service { // each half of an AirPlay device has its own port
			out = append(out, s.addrPorts()...)
		}
	}
	if len(out) == 0 {
		out = e.last.addrPorts()
	}
	sortAddrs(out)
	return out
}

// sortAddrs puts first what works for most: IPv4, then IPv6, then link-local.
func sortAddrs(list []netip.AddrPort) {
	rank := func(a netip.Addr) int {
		switch {
		case a.IsLinkLocalUnicast():
			return 2
		case a.Is6():
			return 1
		}
		return 0
	}
	slices.SortFunc(list, func(a, b netip.AddrPort) int {
		if d := rank(a.Addr()) - rank(b.Addr()); d != 0 {
			return d
		}
		return a.Compare(b)
	})
}

func unique(list []netip.AddrPort) []netip.AddrPort {
	var out []netip.AddrPort
	for _, a := range list {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// see takes a sighting of an instance that is there.
func (r *Registry) see(s Sighting) error {
	i, ok := identify(&s)
	if !ok || s.Port == 0 || len(s.Addrs) == 0 {
		return nil
	}
	s.Addrs, s.TXT = slices.Clone(s.Addrs), maps.Clone(s.TXT)
	s.Addrs = slices.DeleteFunc(s.Addrs, func(a netip.Addr) bool { return !r.near(a) })
	if len(s.Addrs) == 0 {
		r.log.Debug("devices: announced at addresses of another network", "name", i.name, "interface", s.Interface)
		return nil
	}
	e := r.entries[r.keys[s.key()]]
	if e != nil && e.id != i.id && !e.provisional() && i.kind != Player {
		r.unsee(&s) // another device has taken the name
		e = nil
	}
	if e == nil {
		e = r.entry(i.id)
	}
	if same := r.at(i.kind, s.addrPorts()); same != nil && same != e {
		switch {
		case !same.provisional():
			// It said itself who it is, before its name was seen.
			if e == nil && i.kind == Player && same.standing() {
				e = same
			}
		case e == nil:
			r.rename(same, i.id)
			e = same
		default:
			r.join(e, same)
		}
	}
	if e == nil {
		var err error
		if e, err = r.add(i.id); err != nil {
			return err
		}
	}
	r.keys[s.key()] = e.id
	e.sightings[s.key()+"|"+s.Interface] = s
	e.seen, e.lost = time.Now(), time.Time{}
	if s.Service != RAOPService || e.last == nil || e.last.Service == RAOPService {
		e.last = &s // an AirPlay device's newer half says more
	}
	r.show(e)
	return nil
}

// unsee takes a sighting back.
func (r *Registry) unsee(s *Sighting) {
	e := r.entries[r.keys[s.key()]]
	if e == nil {
		return
	}
	was := e.standing()
	delete(e.sightings, s.key()+"|"+s.Interface)
	// What still stands tells where the device is.
	for _, key := range slices.Sorted(maps.Keys(e.sightings)) {
		left := e.sightings[key]
		e.last = &left
		break
	}
	r.parted(e, was)
}

// parted begins a device's grace if nothing stands for it any more.
func (r *Registry) parted(e *entry, was bool) {
	now := time.Now()
	if was && !e.standing() {
		e.lost = now
	}
	e.seen = now
	r.show(e)
}

// observe takes what a connection says.
func (r *Registry) observe(d Device) error {
	d.Addrs, d.TXT = slices.Clone(d.Addrs), maps.Clone(d.TXT)
	e := r.entry(d.ID)
	if e == nil && !d.Present {
		return fmt.Errorf("%w: %q", ErrNotFound, d.ID)
	}
	if e != nil && !alike(e.kind(), d.Kind) {
		// Players choose their own ids, and could choose a Chromecast's.
		return fmt.Errorf("%w: %q is a %s device", ErrExists, d.ID, e.kind())
	}
	same := r.at(d.Kind, d.Addrs)
	if same != nil && same != e && same.provisional() {
		if e == nil {
			r.rename(same, d.ID)
			e = same
		} else {
			r.join(e, same)
		}
	}
	if e == nil {
		var err error
		if e, err = r.add(d.ID); err != nil {
			return err
		}
	}
	if same != nil && same != e && d.Present && r.entries[same.id] == same {
		r.hand(same, e, d.Addrs)
	}
	was := e.standing()
	e.conn = &d
	if !d.Present {
		r.parted(e, was)
		return nil
	}
	e.seen, e.lost = time.Now(), time.Time{}
	r.show(e)
	return nil
}

func (r *Registry) addManual(m manual) (Device, error) {
	for _, e := range r.entries {
		if e.manual != nil && e.manual.text == m.text {
			return Device{}, fmt.Errorf("%w: %s", ErrExists, m.text)
		}
	}
	e := r.at(m.kind, m.addrs)
	if e == nil {
		var err error
		if e, err = r.add(m.text); err != nil {
			return Device{}, err
		}
	}
	e.manual = &m
	r.show(e)
	return e.device(), nil
}

// at finds the device of a kind that is at one of the addresses, with that port.
// Browsers share their machine's address, and are never found by it.
func (r *Registry) at(kind Kind, addrs []netip.AddrPort) *entry {
	if kind == Browser || len(addrs) == 0 {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(r.entries)) {
		e := r.entries[id]
		d := e.device()
		if !alike(d.Kind, kind) {
			continue
		}
		if slices.ContainsFunc(d.Addrs, func(a netip.AddrPort) bool { return slices.Contains(addrs, a) }) {
			return e
		}
	}
	return nil
}

// alike tells whether two kinds can be said of one device: who types a group's
// address may not know that it is one.
func alike(a, b Kind) bool {
	family := func(k Kind) Kind {
		if k == CastGroup {
			return Cast
		}
		return k
	}
	return family(a) == family(b)
}

// add makes room for a new device.
func (r *Registry) add(id string) (*entry, error) {
	if len(r.entries) >= MaxDevices {
		var oldest *entry
		for _, e := range r.entries {
			if d := e.device(); !d.Present && e.manual == nil && (oldest == nil || e.seen.Before(oldest.seen)) {
				oldest = e
			}
		}
		if oldest == nil {
			return nil, ErrFull
		}
		r.forget(oldest, "")
	}
	e := &entry{id: id, sightings: make(map[string]Sighting)}
	r.entries[id] = e
	return e, nil
}

// entry returns the device with an id, or one that had it before.
func (r *Registry) entry(id string) *entry {
	if now, ok := r.before[id]; ok {
		id = now
	}
	return r.entries[id]
}

// forget drops a device; became is the id that it has from now on, if any.
func (r *Registry) forget(e *entry, became string) {
	delete(r.entries, e.id)
	of := func(_, id string) bool { return id == e.id }
	maps.DeleteFunc(r.keys, of)
	maps.DeleteFunc(r.before, of)
	r.hide(e.id, became)
	r.log.Debug("devices: forgotten", "device", e.id, "became", became)
}

// rename gives a device the id that it turned out to have.
func (r *Registry) rename(e *entry, id string) {
	old := e.id
	delete(r.entries, old)
	e.id = id
	r.entries[id] = e
	r.redirect(old, id)
	r.hide(old, id)
	r.log.Info("devices: known by its own id now", "device", id, "before", old)
}

// join merges what turned out to be the same device as into.
func (r *Registry) join(into, from *entry) {
	maps.Copy(into.sightings, from.sightings)
	if into.manual == nil {
		into.manual = from.manual
	}
	if into.last == nil {
		into.last = from.last
	}
	if into.conn == nil {
		into.conn = from.conn
	}
	r.redirect(from.id, into.id)
	r.forget(from, into.id)
}

// hand moves the sightings at an address to the device that answered there: the
// one that had it before has left it.
func (r *Registry) hand(from, to *entry, addrs []netip.AddrPort) {
	if from.conn != nil && from.conn.Present {
		return
	}
	was := from.standing()
	for at, s := range from.sightings {
		if slices.ContainsFunc(s.addrPorts(), func(a netip.AddrPort) bool { return slices.Contains(addrs, a) }) {
			delete(from.sightings, at)
			to.sightings[at], to.last = s, &s
			r.keys[s.key()] = to.id
		}
	}
	r.parted(from, was)
}

// redirect leads what led to an old id to the new one. Who connected to the
// device while it had the old one may still call it that.
func (r *Registry) redirect(old, id string) {
	for _, m := range []map[string]string{r.keys, r.before} {
		for k, of := range m {
			if of == old {
				m[k] = id
			}
		}
	}
	r.before[old] = id
	delete(r.before, id)
}
