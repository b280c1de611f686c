package names_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"ciclo/shared/platform/names"
)

// letters are the letters of names in the tests: plain and composed, of several scripts, with
// special rules of case and composition.
var letters = []rune("aAbcdeEiIkKnNoOsSxXzZ019 .,-_'àÀèéÈÌìòÒùÙçÇñÑßẞıİσςΣάΆᾳᾼжЖдДßﬁǅǆſ")

// drawName draws a name.
func drawName(t *rapid.T) string {
	return rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom(letters), 1, 20, -1),
		rapid.StringN(1, 12, -1),
		rapid.SampledFrom([]string{"Anagrafe", "Città di PERÙ", "Comune  di Roma", "Ｓｅｒｖｉｚｉ", "Straße 1", "ΟΔΟΣ", "İstanbul", "e\u0301cole"}),
	).Draw(t, "name")
}

// invisible are invisible characters.
var invisible = []string{
	"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\ufe0f", "\u180e", "\u202e", "\u2066",
	"\U000e0041", "\u3164",
}

// blanks are characters that look like a blank, or several.
var blanks = []string{" ", "  ", "\u00a0", "\u2003", "\u3000", "\u202f", "\u1680", "\t", " \u00a0 ", "\u2028", "\u2800"}

// insert puts one of parts somewhere into a name, between two of its characters.
func insert(t *rapid.T, name string, parts []string) string {
	var at []int
	for i := range name {
		at = append(at, i)
	}
	i := rapid.SampledFrom(append(at, len(name))).Draw(t, "at")
	return name[:i] + rapid.SampledFrom(parts).Draw(t, "part") + name[i:]
}

// likenesses make a name that looks like another one.
var likenesses = map[string]func(*rapid.T, string) string{
	"NFD":           func(_ *rapid.T, s string) string { return norm.NFD.String(s) },
	"NFC":           func(_ *rapid.T, s string) string { return norm.NFC.String(s) },
	"NFKD":          func(_ *rapid.T, s string) string { return norm.NFKD.String(s) },
	"NFKC":          func(_ *rapid.T, s string) string { return norm.NFKC.String(s) },
	"capitals":      func(_ *rapid.T, s string) string { return strings.ToUpper(s) },
	"small letters": func(_ *rapid.T, s string) string { return strings.ToLower(s) },
	"titles":        func(_ *rapid.T, s string) string { return strings.ToTitle(s) },
	"some capitals": func(t *rapid.T, s string) string {
		n := 0
		every := rapid.IntRange(2, 5).Draw(t, "every")
		return strings.Map(func(r rune) rune {
			if n++; n%every == 0 {
				return unicode.SimpleFold(r)
			}
			return r
		}, s)
	},
	"full width": func(_ *rapid.T, s string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r <= '~' {
				return r - '!' + '\uff01'
			}
			return r
		}, s)
	},
	"invisible characters": func(t *rapid.T, s string) string { return insert(t, s, invisible) },
	"blanks before":        func(t *rapid.T, s string) string { return rapid.SampledFrom(blanks).Draw(t, "blank") + s },
	"blanks behind":        func(t *rapid.T, s string) string { return s + rapid.SampledFrom(blanks).Draw(t, "blank") },
	"other blanks inside": func(t *rapid.T, s string) string {
		return strings.ReplaceAll(s, " ", rapid.SampledFrom(blanks).Draw(t, "blank"))
	},
}

// TestLookAlikes: names that look like another name have the same Fold and a common claim, and
// each is found by the other.
func TestLookAlikes(t *testing.T) {
	t.Parallel()
	for kind, alike := range likenesses {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				name := drawName(t)
				other := alike(t, name)
				if rapid.Bool().Draw(t, "twice") {
					other = likenesses[rapid.SampledFrom([]string{"NFD", "capitals", "invisible characters", "full width", "some capitals"}).Draw(t,
						"also")](t, other)
				}
				if names.Fold(name) != names.Fold(other) || names.Claims(name)[0] != names.Claims(other)[0] {
					t.Fatalf("%+q and %+q are two names: %+q, %+q", name, other, names.Fold(name), names.Fold(other))
				}
				if seen := names.Fold(name) != ""; names.Filter(other)(name) != seen || names.Filter(name)(other) != seen {
					t.Fatalf("%+q and %+q do not find each other", name, other)
				}
			})
		})
	}
}

// TestFoldIsStable: folding a folded name does not change it.
func TestFoldIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := drawName(t)
		folded := names.Fold(name)
		if again := names.Fold(folded); again != folded {
			t.Fatalf("%+q is folded to %+q, and that to %+q", name, folded, again)
		}
	})
}

// TestEveryCharacterIsStable folds every character, alone and between letters.
func TestEveryCharacterIsStable(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		for _, name := range []string{string(r), "a" + string(r) + "b"} {
			folded := names.Fold(name)
			if names.Fold(folded) != folded || names.Fold(strings.ToUpper(name)) != folded || names.Fold(norm.NFD.String(name)) != folded {
				t.Fatalf("%+q is folded to %+q, that to %+q, its capitals to %+q, decomposed to %+q", name, folded, names.Fold(folded),
					names.Fold(strings.ToUpper(name)), names.Fold(norm.NFD.String(name)))
			}
		}
	}
}

// TestNames compares names that are the same and names that are not.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"Città di PERÙ", "CITTÀ DI perù", "Citta\u0300 di Peru\u0300", " Città\u00a0di  Perù ", "Città\u200b di Perù", "Ｃittà di Perù"},
		{"ΟΔΟΣ", "οδος", "οδοσ"},
		{"ﬁne", "FINE"},
		{"İzmir", "izmir", "i\u0307zmir"},
		{"a\u2014b", "a—b"},
		{"", " ", "\u200b", "\u00ad \t"},
	} {
		for _, name := range same {
			if names.Fold(name) != names.Fold(same[0]) {
				t.Errorf("%+q is not %+q", name, same[0])
			}
		}
	}
	for _, two := range [][2]string{
		{"Anagrafe", "Anagrafe 2"},
		{"Perù", "Peru"},
		{"a b", "ab"},
		{"a-b", "a b"},
		{"Аnagrafe", "Anagrafe"},
		{"é", "è"},
		{"1", "l"},
	} {
		if names.Fold(two[0]) == names.Fold(two[1]) {
			t.Errorf("%+q is %+q", two[0], two[1])
		}
	}
}

// TestClaims: a name has one claim if earlier releases claimed the same text, otherwise two.
func TestClaims(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"", "Anagrafe", "Città di PERÙ 1", "Straße", "Жд", "a-b_c.d"} {
		if got := names.Claims(plain); len(got) != 1 || got[0] != names.Earlier(plain) {
			t.Errorf("%q is claimed by %q", plain, got)
		}
	}
	for _, odd := range []string{"The  Name", "e\u0301", "Ａ", "a\u200bb", " a"} {
		if got := names.Claims(odd); len(got) != 2 || got[0] != names.Fold(odd) || got[1] != names.Earlier(odd) {
			t.Errorf("%+q is claimed by %+q", odd, got)
		}
	}
}

// TestFilter searches names for parts.
func TestFilter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		part, name string
		found      bool
	}{
		{"", "Anagrafe", true},
		{"GRAFE", "Anagrafe", true},
		{"ａｎａ", "Anagrafe", true},
		{"città", "Citta\u0300 di Roma", true},
		{"di  roma", "Città di Roma", true},
		{"x", "Anagrafe", false},
		{" ", "Anagrafe", false},
		{"\u200b", "Anagrafe", false},
		{" ", "Città di Roma", false},
		{"cittaX", "città", false},
	} {
		if got := names.Filter(c.part)(c.name); got != c.found {
			t.Errorf("%+q in %+q: %t", c.part, c.name, got)
		}
	}
}

// TestInvisibleLetters: an invisible character before a mark is no letter (the tag U+E0041
// ends like U+0041).
func TestInvisibleLetters(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"\u0300", "\u0301", "\u0308"} {
		if got, want := names.Fold("\U000e0041"+mark), names.Fold(mark); got != want {
			t.Errorf("%q before %q is %q, want %q", "\U000e0041", mark, got, want)
		}
	}
}

// TestFilterOfLowerCase: a filter finds in a name in lower case what it finds in the name, which
// lists rely on that keep the one alone.
func TestFilterOfLowerCase(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if s := string(r); names.Fold(strings.ToLower(s)) != names.Fold(s) {
			t.Errorf("%U is folded to %q, in lower case to %q", r, names.Fold(s), names.Fold(strings.ToLower(s)))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if s := rapid.String().Draw(t, "name"); names.Fold(strings.ToLower(s)) != names.Fold(s) {
			t.Errorf("%q is folded to %q, in lower case to %q", s, names.Fold(s), names.Fold(strings.ToLower(s)))
		}
	})
}
