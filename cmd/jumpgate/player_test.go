package main

import "testing"

func TestGatewayAddress(t *testing.T) {
	for typed, want := range map[string]string{
		"":                         "",
		"192.168.1.5":              "192.168.1.5:4600",
		"192.168.1.5:80":           "192.168.1.5:80",
		"http://192.168.1.5:4600/": "192.168.1.5:4600",
		"ws://pi.local":            "pi.local:4600",
		"[fe80::1]:4600":           "[fe80::1]:4600",
		"[fe80::1]":                "[fe80::1]:4600",
		"nonsense:xx":              "",
		"pi:0":                     "",
		"pi:70000":                 "",
		":4600":                    "",
		"https://pi:4600":          "pi:4600",
		"pi/sendspin":              "",
	} {
		got, err := gatewayAddress(typed)
		if got != want || (err == nil) != (want != "" || typed == "") {
			t.Errorf("gatewayAddress(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}
