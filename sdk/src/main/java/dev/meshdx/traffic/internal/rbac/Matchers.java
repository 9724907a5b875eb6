package dev.meshdx.traffic.internal.rbac;

import dev.meshdx.model.Json;
import dev.meshdx.traffic.internal.Addresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Values of AuthorizationPolicies as matchers of Envoy. Sources: istio/istio, {@code pilot/pkg/security/authz/matcher}; Envoy,
 * {@code type/matcher/v3}.
 */
final class Matchers {
    private static final String JWT = "envoy.filters.http.jwt_authn";
    private static final int MAX_PORT = 65_535;

    private Matchers() {}

    /**
     * {@code *}, {@code *suffix}, {@code prefix*} or the text itself; what is compared begins with a scheme. A suffix behind a
     * scheme is an expression, in which istiod does not quote it.
     */
    static Json text(String value, String scheme) {
        if (value.equals("*")) {
            return regex(".+");
        }
        if (value.startsWith("*")) {
            return scheme.isEmpty()
                    ? Json.object("suffix", value.substring(1))
                    : regex(scheme + ".*" + value.substring(1));
        }
        if (value.endsWith("*")) {
            return Json.object("prefix", scheme + value.substring(0, value.length() - 1));
        }
        return Json.object("exact", scheme + value);
    }

    static Json text(String value) {
        return text(value, "");
    }

    static Json regex(String regex) {
        return Json.object("safe_regex", Json.object("regex", regex));
    }

    /** A header; a lone {@code *} asks for its presence only. */
    static Json header(String name, String value, boolean ignoreCase) {
        if (value.equals("*")) {
            return Json.object("header", Json.object("name", name, "present_match", true));
        }
        Json match = text(value);
        if (ignoreCase) {
            String form = match.names().get(0);
            match = Json.object(form, match.at(form), "ignore_case", true);
        }
        return Json.object("header", Json.object("name", name, "string_match", match));
    }

    /** A path; with <code>{*}</code> or <code>{**}</code> it is a template. Source: Istio, "Authorization Policy", paths. */
    static Json path(String value) {
        if (value.contains("{*}") || value.contains("{**}")) {
            return Json.object(
                    "uri_template",
                    Json.object(
                            "name",
                            "uri-template",
                            "typed_config",
                            Json.object(
                                    "@type",
                                    "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
                                    "path_template",
                                    value.replace("{*}", "*").replace("{**}", "**"))));
        }
        return Json.object("url_path", Json.object("path", text(value)));
    }

    /** A port; empty where the text is none. */
    static Optional<Json> port(String value) {
        if (!value.matches("[0-9]{1,9}") || Integer.parseInt(value) > MAX_PORT) {
            return Optional.empty();
        }
        return Optional.of(Json.of(Integer.parseInt(value)));
    }

    /** An address or a CIDR block; empty where the text is neither. Bits behind the prefix stay, as istiod leaves them. */
    static Optional<Json> range(String value) {
        int slash = value.indexOf('/');
        String address = slash < 0 ? value : value.substring(0, slash);
        // Go takes neither brackets nor octets with a leading zero.
        boolean odd = address.contains("[") || (!address.contains(":") && address.matches("(.*\\.)?0\\d.*"));
        Optional<byte[]> bytes = odd ? Optional.empty() : Addresses.bytes(address);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        int most = address.contains(":") ? 128 : 32;
        int length = most;
        if (slash >= 0) {
            String written = value.substring(slash + 1);
            if (!written.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(written) > most) {
                return Optional.empty();
            }
            length = Integer.parseInt(written);
        }
        return Optional.of(Json.object("address_prefix", canonical(address, bytes.get()), "prefix_len", length));
    }

    /** An IPv6 address as Go prints it: lower case, the longest run of two or more zero groups left out. Source: RFC 5952. */
    private static String canonical(String address, byte[] bytes) {
        if (!address.contains(":")) {
            return address;
        }
        if (bytes.length == 4) {
            // Java makes an IPv4 address of one that is mapped into IPv6; Go does not.
            return "::ffff:" + dotted(bytes);
        }
        int[] groups = new int[8];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int start = -1;
        int longest = 1;
        for (int i = 0; i < groups.length; i++) {
            int end = i;
            while (end < groups.length && groups[end] == 0) {
                end++;
            }
            if (end - i > longest) {
                start = i;
                longest = end - i;
            }
            i = Math.max(i, end - 1);
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < groups.length; i++) {
            if (i == start) {
                out.append("::");
                i += longest - 1;
                continue;
            }
            if (out.length() > 0 && out.charAt(out.length() - 1) != ':') {
                out.append(':');
            }
            out.append(Integer.toHexString(groups[i]));
        }
        return out.toString();
    }

    private static String dotted(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /** A claim, as one text. */
    static Json claim(String name, Json text) {
        return metadata(JWT, List.of("payload", name), Json.object("string_match", text));
    }

    /** A claim, which may be a text or a list of texts. */
    static Json claims(List<String> names, List<String> values) {
        List<Json> texts = new ArrayList<>();
        values.forEach(value -> texts.add(Json.object("string_match", text(value))));
        Json any = texts.size() == 1
                ? texts.get(0)
                : Json.object("or_match", Json.object("value_matchers", Json.array(texts)));
        List<String> path = new ArrayList<>(List.of("payload"));
        path.addAll(names);
        return metadata(
                JWT,
                path,
                Json.object("or_match", Json.object("value_matchers", Json.array(List.of(oneOf(any), any)))));
    }

    /** A list of which one item matches. */
    static Json oneOf(Json item) {
        return Json.object("list_match", Json.object("one_of", item));
    }

    static Json metadata(String filter, List<String> path, Json value) {
        return Json.object(
                "metadata",
                Json.object(
                        "filter",
                        filter,
                        "path",
                        Json.array(path.stream()
                                .map(key -> Json.object("key", key))
                                .toList()),
                        "value",
                        value));
    }
}
