package dev.meshdx.envoy;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The names that a question is about, in two forms.
 *
 * @param expression RE2 that all of these whole names match, and maybe more, for a proxy; null where that is all names
 * @param test decides whether an entry can be skipped when its name is read; null where names do not tell
 */
record NameFilter(@Nullable String expression, @Nullable Predicate<String> test) {
    /** All names. */
    static final NameFilter ALL = new NameFilter(null, null);

    /** One name. */
    static NameFilter exactly(String name) {
        return new NameFilter(literally(name), name::equals);
    }

    /** One name, in upper or lower case. Source: RE2, "Syntax", {@code (?i)}. */
    static NameFilter ignoringCase(String name) {
        return new NameFilter("(?i)" + literally(name), name::equalsIgnoreCase);
    }

    /**
     * Names that contain a text and satisfy a condition.
     *
     * @param text what a proxy looks for
     * @param test decides
     */
    static NameFilter containing(String text, Predicate<String> test) {
        return new NameFilter(".*" + literally(text) + ".*", test);
    }

    /** The RE2 of a text. Source: RE2, "Syntax": a backslash before punctuation is that character. */
    private static String literally(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80 && !Character.isLetterOrDigit(c) && c != '_') {
                out.append('\\');
            }
            out.append(c);
        }
        return out.toString();
    }

    /** Whether an entry of this name is none of those wanted. */
    boolean excludes(String name) {
        return test != null && !test.test(name);
    }

    /** Names that pass both. A proxy gets the first one's expression. */
    NameFilter and(NameFilter other) {
        Predicate<String> both = test == null ? other.test : other.test == null ? test : test.and(other.test);
        return new NameFilter(expression == null ? other.expression : expression, both);
    }

    /** The same, told to no proxy: for those that read expressions otherwise. */
    NameFilter unasked() {
        return new NameFilter(null, test);
    }
}
