package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the HTTP connection manager does with a path before it looks for a route. Source: Envoy,
 * {@code source/common/http/path_utility.cc}, {@code conn_manager_utility.cc}, and its copy of Chromium's URL canonicaliser.
 */
public final class Paths {
    /** What came of it. */
    public enum Action {
        /** Goes on with the path. */
        CONTINUE,
        /** Answered with 400. */
        REJECT,
        /** Answered with 307 to the path. */
        REDIRECT
    }

    /** What came of it, and the path. */
    public record Result(Action action, String path) {}

    /**
     * Another path that may have been meant.
     *
     * @param when what would make it so
     */
    record Variation(String when, String path) {}

    private Paths() {}

    /** Normalises a path as the connection manager is told to. */
    public static Result normalize(String original, Json manager) {
        if (original.contains("#")) {
            return new Result(Action.REJECT, original);
        }
        String path = original;
        Action action = Action.CONTINUE;
        String slashes = manager.at("path_with_escaped_slashes_action").text("KEEP_UNCHANGED");
        if (!slashes.equals("KEEP_UNCHANGED") && !slashes.equals("IMPLEMENTATION_SPECIFIC_DEFAULT")) {
            String unescaped = unescapeSlashes(path);
            if (!unescaped.equals(path)) {
                if (slashes.equals("REJECT_REQUEST")) {
                    return new Result(Action.REJECT, original);
                }
                action = slashes.equals("UNESCAPE_AND_REDIRECT") ? Action.REDIRECT : Action.CONTINUE;
                path = unescaped;
            }
        }
        if (manager.at("normalize_path").bool(false)) {
            int query = path.indexOf('?');
            String plain = query < 0 ? path : path.substring(0, query);
            if (plain.contains("%00")) {
                return new Result(Action.REJECT, original);
            }
            path = canonical(plain) + (query < 0 ? "" : path.substring(query));
        }
        if (manager.at("merge_slashes").bool(false)) {
            int query = path.indexOf('?');
            String plain = query < 0 ? path : path.substring(0, query);
            path = mergeSlashes(plain) + (query < 0 ? "" : path.substring(query));
        }
        return new Result(action, path);
    }

    /** As Envoy does it: a path of slashes alone becomes two of them. */
    private static String mergeSlashes(String path) {
        if (!path.contains("//")) {
            return path;
        }
        List<String> segments = new ArrayList<>();
        for (String segment : path.split("/")) {
            if (!segment.isEmpty()) {
                segments.add(segment);
            }
        }
        return "/" + String.join("/", segments) + (path.endsWith("/") ? "/" : "");
    }

    private static String unescapeSlashes(String path) {
        int query = path.indexOf('?');
        String plain = query < 0 ? path : path.substring(0, query);
        String unescaped = plain.replaceAll("%2[fF]", "/").replaceAll("%5[cC]", "\\\\");
        return query < 0 ? unescaped : unescaped + path.substring(query);
    }

    /** RFC 3986 and a little more: dot segments, backslashes, letters and digits that need no escape, characters that do. */
    static String canonical(String path) {
        if (isCanonical(path)) {
            return path;
        }
        String plain = escapes(path).replace('\\', '/');
        List<String> segments = new ArrayList<>();
        String[] parts = plain.split("/", -1);
        // The first part is what stands before the leading slash: nothing.
        for (int i = 1; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            if (parts[i].equals("..")) {
                if (!segments.isEmpty()) {
                    segments.remove(segments.size() - 1);
                }
                if (last) {
                    segments.add("");
                }
            } else if (parts[i].equals(".")) {
                if (last) {
                    segments.add("");
                }
            } else {
                segments.add(parts[i]);
            }
        }
        return "/" + String.join("/", segments);
    }

    /** Whether it is plain to see that there is nothing to do. */
    private static boolean isCanonical(String path) {
        if (!path.startsWith("/")) {
            return false;
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean dot = c == '.' && path.charAt(i - 1) == '/';
            if (dot || c == '%' || c == '\\' || isEscaped(c)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isEscaped(int c) {
        return c <= 0x20 || c >= 0x7f || "\"<>`{}^|".indexOf(c) >= 0;
    }

    private static String escapes(String path) {
        StringBuilder out = new StringBuilder();
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            int c = bytes[i] & 0xff;
            if (c == '%' && i + 2 < bytes.length) {
                int high = Character.digit(bytes[i + 1], 16);
                int low = Character.digit(bytes[i + 2], 16);
                if (high >= 0 && low >= 0) {
                    int decoded = high * 16 + low;
                    if (isUnreserved(decoded)) {
                        out.append((char) decoded);
                    } else {
                        out.append('%').append((char) bytes[i + 1]).append((char) bytes[i + 2]);
                    }
                    i += 2;
                    continue;
                }
            }
            if (isEscaped(c)) {
                out.append(String.format(java.util.Locale.ROOT, "%%%02X", c));
            } else {
                out.append((char) c);
            }
        }
        return out.toString();
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    /** The path without query and fragment, which routes are matched against. */
    public static String plain(String path) {
        int end = path.length();
        for (int i = 0; i < end; i++) {
            char c = path.charAt(i);
            end = c == '?' || c == '#' ? i : end;
        }
        return path.substring(0, end);
    }

    /** Those that differ from a path. */
    static List<Variation> variations(String path) {
        return Stream.of(
                        new Variation("if its repeated slashes were merged", path.replaceAll("/{2,}", "/")),
                        new Variation("if it were normalised", canonical(path)),
                        new Variation("if its escaped slashes were decoded", path.replaceAll("%2[fF]|%5[cC]", "/")),
                        new Variation("if it began with a slash", "/" + path),
                        new Variation("if it were decoded", decode(path)),
                        new Variation("without its path parameters", withoutParameters(path)))
                .filter(variation -> !variation.path().equals(path))
                .toList();
    }

    private static String decode(String path) {
        try {
            return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return path;
        }
    }

    /** The path with {@code ;…} cut from every segment. */
    public static String withoutParameters(String path) {
        return path.replaceAll(";[^/]*", "");
    }
}
