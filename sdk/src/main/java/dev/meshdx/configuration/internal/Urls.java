package dev.meshdx.configuration.internal;

import java.util.Optional;
import java.util.regex.Pattern;

/** URLs as Istio, that is Go, reads them. Source: Go, package {@code net/url}, {@code Parse}; more lenient than {@code java.net.URI}. */
public final class Urls {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);
    private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");
    private static final Pattern BAD_HOST = Pattern.compile("[ \\\\^`{|}/?#@]");
    private static final Pattern PORT = Pattern.compile("(:[0-9]*)?");

    private Urls() {}

    /**
     * What a URL says.
     *
     * @param scheme in lower case; empty where it names none
     * @param host without port and brackets; empty where it names none
     */
    public record Url(String scheme, String host) {}

    /** Reads a URL, which may lack its scheme; empty where it is none. */
    public static Optional<Url> parse(String text) {
        if (text.chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
            return Optional.empty();
        }
        int hash = text.indexOf('#');
        String rest = hash < 0 ? text : text.substring(0, hash);
        if (hash >= 0 && BROKEN_ESCAPE.matcher(text.substring(hash)).find()) {
            return Optional.empty();
        }
        String scheme = "";
        if (rest.startsWith(":")) {
            return Optional.empty();
        }
        if (SCHEME.matcher(rest).matches()) {
            int colon = rest.indexOf(':');
            scheme = rest.substring(0, colon).toLowerCase(java.util.Locale.ROOT);
            rest = rest.substring(colon + 1);
        }
        int query = rest.indexOf('?');
        rest = query < 0 ? rest : rest.substring(0, query);
        if (!rest.startsWith("/")) {
            if (!scheme.isEmpty()) {
                return Optional.of(new Url(scheme, ""));
            }
            int slash = rest.indexOf('/');
            if ((slash < 0 ? rest : rest.substring(0, slash)).contains(":")) {
                return Optional.empty();
            }
        }
        String host = "";
        if (rest.startsWith("//") && (!scheme.isEmpty() || !rest.startsWith("///"))) {
            int end = rest.indexOf('/', 2);
            String authority = end < 0 ? rest.substring(2) : rest.substring(2, end);
            rest = end < 0 ? "" : rest.substring(end);
            Optional<String> found = host(authority.substring(authority.lastIndexOf('@') + 1));
            if (found.isEmpty()) {
                return Optional.empty();
            }
            host = found.get();
        }
        return BROKEN_ESCAPE.matcher(rest).find() ? Optional.empty() : Optional.of(new Url(scheme, host));
    }

    private static Optional<String> host(String authority) {
        int end = authority.startsWith("[") ? authority.lastIndexOf(']') : authority.lastIndexOf(':');
        if (authority.startsWith("[")) {
            return end > 0 && PORT.matcher(authority.substring(end + 1)).matches()
                    ? Optional.of(authority.substring(1, end))
                    : Optional.empty();
        }
        String host = end < 0 ? authority : authority.substring(0, end);
        boolean good = PORT.matcher(end < 0 ? "" : authority.substring(end)).matches()
                && !BAD_HOST.matcher(host).find()
                && !BROKEN_ESCAPE.matcher(host).find();
        return good ? Optional.of(host) : Optional.empty();
    }
}
