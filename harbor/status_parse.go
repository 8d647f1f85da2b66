package harbor

// ParseLockerStatus reads a status as Harbor, a web hook or a person spells it. Case,
// spaces, '-' and '_' do not matter; "declined", the newer name, is LockerStatusReleased. An
// unknown name is returned unchanged, for which Known reports false.
func ParseLockerStatus(name string) LockerStatus {
	var buf [longestStatusName]byte
	n := 0
	for i := range len(name) {
		c := name[i]
		switch {
		case c == ' ' || c == '-' || c == '_' || c == '\t' || c == '\n' || c == '\r':
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if n == len(buf) {
			return LockerStatus(name)
		}
		buf[n] = c
		n++
	}
	switch string(buf[:n]) {
	case "available":
		return LockerStatusAvailable
	case "reserved":
		return LockerStatusReserved
	case "rented":
		return LockerStatusRented
	case "occupied":
		return LockerStatusOccupied
	case "released", "declined":
		return LockerStatusReleased
	case "outofservice":
		return LockerStatusOutOfService
	}
	return LockerStatus(name)
}

const longestStatusName = len("outofservice")

// UnmarshalText reads a status as ParseLockerStatus does. It never fails.
func (s *LockerStatus) UnmarshalText(text []byte) error {
	*s = ParseLockerStatus(string(text))
	return nil
}
