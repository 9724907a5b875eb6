package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import java.util.Locale;
import java.util.Optional;

/**
 * What a route does with path and host, for the upstream or for a redirect. Source: Envoy,
 * {@code source/common/router/config_impl.cc}.
 */
public final class Rewrites {
    private Rewrites() {}

    /** The path (with query) after {@code prefix_rewrite}, {@code regex_rewrite} or {@code path_rewrite_policy}. */
    public static String path(Json match, Json action, String path, Regexes regexes) {
        int end = Paths.plain(path).length();
        String plain = path.substring(0, end);
        String rest = path.substring(end);
        if (action.at("prefix_rewrite").exists()
                && !action.at("prefix_rewrite").text("").isEmpty()) {
            return prefix(match, action.at("prefix_rewrite").text(""), path, plain, rest);
        }
        if (action.at("regex_rewrite").exists()) {
            String rewritten = regexes.replaceAll(
                    action.at("regex_rewrite", "pattern", "regex").text(""),
                    action.at("regex_rewrite", "substitution").text(""),
                    plain);
            return rewritten.isEmpty() ? path : rewritten + rest;
        }
        Json policy = action.at("path_rewrite_policy", "typed_config", "path_template_rewrite");
        if (policy.exists()) {
            return UriTemplates.rewrite(
                            match.at("path_match_policy", "typed_config", "path_template")
                                    .text(""),
                            policy.text(""),
                            plain)
                    .map(rewritten -> rewritten + rest)
                    .orElse(path);
        }
        return path;
    }

    private static String prefix(Json match, String rewrite, String path, String plain, String rest) {
        String matched = match.at("prefix")
                .text(match.at("path").text(match.at("path_separated_prefix").text(plain)));
        boolean fold = !match.at("case_sensitive").bool(true);
        boolean starts = fold
                ? path.toLowerCase(Locale.ROOT).startsWith(matched.toLowerCase(Locale.ROOT))
                : path.startsWith(matched);
        if (!starts) {
            // Path parameters were ignored while matching; the raw path does not begin with the prefix.
            return path;
        }
        return match.at("safe_regex").exists() ? rewrite + rest : rewrite + path.substring(matched.length());
    }

    /** The host that the upstream receives. */
    public static String host(Json action, Headers headers, String upstreamPath, Regexes regexes) {
        Optional<String> literal = action.at("host_rewrite_literal").text().filter(text -> !text.isEmpty());
        if (literal.isPresent()) {
            return literal.get();
        }
        if (action.at("host_rewrite_header").exists()) {
            return headers.first(action.at("host_rewrite_header").text(""))
                    .filter(text -> !text.isEmpty())
                    .orElse(headers.authority());
        }
        if (action.at("host_rewrite_path_regex").exists()) {
            return regexes.replaceAll(
                    action.at("host_rewrite_path_regex", "pattern", "regex").text(""),
                    action.at("host_rewrite_path_regex", "substitution").text(""),
                    Paths.plain(upstreamPath));
        }
        return headers.authority();
    }

    /** Where a redirect leads. */
    public static String location(Json match, Json redirect, Headers headers, Regexes regexes) {
        String scheme = redirect.at("https_redirect").bool(false)
                ? "https"
                : redirect.at("scheme_redirect")
                        .text()
                        .filter(text -> !text.isEmpty())
                        .orElse(headers.scheme());
        String port = redirect.at("port_redirect").exists()
                ? ":" + redirect.at("port_redirect").number(0)
                : "";
        String host = redirect.at("host_redirect")
                .text()
                .filter(text -> !text.isEmpty())
                .orElseGet(() -> redirectHost(headers, scheme, port));
        return scheme + "://" + host + port + redirectPath(match, redirect, headers, regexes);
    }

    /** The request's host; its port goes where the redirect sets one, or where it was the default of a scheme that changes. */
    private static String redirectHost(Headers headers, String scheme, String port) {
        String host = headers.authority();
        int colon = host.startsWith("[") ? host.lastIndexOf("]:") + 1 : host.lastIndexOf(':');
        if (colon <= 0) {
            return host;
        }
        String own = host.substring(colon);
        String before = headers.first("x-forwarded-proto").orElse(headers.scheme());
        boolean remove = !port.isEmpty();
        if (!scheme.equals(before)) {
            remove |= (before.equals("https") && own.equals(":443")) || (before.equals("http") && own.equals(":80"));
        }
        return remove ? host.substring(0, colon) : host;
    }

    private static String redirectPath(Json match, Json redirect, Headers headers, Regexes regexes) {
        String path = headers.path();
        Optional<String> fixed = redirect.at("path_redirect").text().filter(text -> !text.isEmpty());
        if (fixed.isPresent()) {
            if (fixed.get().contains("?")) {
                return fixed.get();
            }
            int query = path.indexOf('?');
            path = query < 0 ? fixed.get() : fixed.get() + path.substring(query);
        } else {
            path = path(match, redirect, path, regexes);
            path = path.startsWith("/") ? path : "/" + path;
        }
        if (redirect.at("strip_query").bool(false)) {
            int query = path.indexOf('?');
            return query < 0 ? path : path.substring(0, query);
        }
        return path;
    }
}
