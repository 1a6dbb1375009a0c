package library

import "testing"

func TestFromName(t *testing.T) {
	for rel, want := range map[string]named{
		"Title.flac":                                    {Title: "Title"},
		"Homogenic/03 - Björk - Jóga.flac":              {Title: "Jóga", Artist: "Björk", Album: "Homogenic", Number: 3},
		"Björk/Homogenic/03 - Jóga.flac":                {Title: "Jóga", Artist: "Björk", Album: "Homogenic", Number: 3},
		"Björk - Homogenic (1997) [FLAC]/03. Jóga.flac": {Title: "Jóga", Artist: "Björk", Album: "Homogenic", Number: 3},
		"Björk/1997 - Homogenic/03 Jóga.flac":           {Title: "Jóga", Artist: "Björk", Album: "Homogenic", Number: 3},
		"Pink Floyd/The Wall/CD 2/04_Another_Brick.mp3": {Title: "Another Brick", Artist: "Pink Floyd", Album: "The Wall", Disc: 2, Number: 4},
		"The Wall/2-04 Another Brick.mp3":               {Title: "Another Brick", Album: "The Wall", Disc: 2, Number: 4},
		"1999.mp3":                                      {Title: "1999"},
		"99 Luftballons.mp3":                            {Title: "Luftballons", Number: 99},
		"Adele/21/01 Rolling in the Deep.mp3":           {Title: "Rolling in the Deep", Artist: "Adele", Album: "21", Number: 1},
		"Taylor Swift/1989/Style.mp3":                   {Title: "Style", Artist: "Taylor Swift", Album: "1989"},
		"방탄소년단/봄날/01 봄날.mp3":                            {Title: "봄날", Artist: "방탄소년단", Album: "봄날", Number: 1},
		"a/b.c/07 - .mp3":                               {Title: "07 -", Artist: "a", Album: "b.c"},
		"CD1/01 x.mp3":                                  {Title: "x", Album: "CD1", Number: 1},
	} {
		if got := fromName(rel); got != want {
			t.Errorf("fromName(%q) = %+v, want %+v", rel, got, want)
		}
	}
}

func FuzzFromName(f *testing.F) {
	f.Add("Björk - Homogenic (1997) [FLAC]/CD 1/03. A - Jóga.flac")
	f.Add("((1999)) - (2000)/..")
	f.Fuzz(func(_ *testing.T, rel string) { fromName(rel) })
}
