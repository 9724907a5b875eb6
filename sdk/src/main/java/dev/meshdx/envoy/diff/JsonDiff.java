package dev.meshdx.envoy.diff;

import dev.meshdx.envoy.internal.Names;
import dev.meshdx.model.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares two values of protobuf JSON by what they mean, not by how they are written. Goes through both once; what is the same
 * text costs one comparison. Not for use by several threads.
 */
final class JsonDiff {
    /**
     * Fields whose zero is something else than no value at all, because their default is not zero: protobuf wrappers. Source:
     * Envoy, {@code route_components.proto}, {@code listener.proto}, {@code circuit_breaker.proto}, {@code
     * outlier_detection.proto}, {@code http_connection_manager.proto}.
     */
    private static final Set<String> ZERO_COUNTS = Set.of(
            "allow_absolute_url",
            "append",
            "bind_to_port",
            "case_sensitive",
            "consecutive_5xx",
            "consecutive_gateway_failure",
            "consecutive_local_origin_failure",
            "default_value",
            "enable_reuse_port",
            "enabled",
            "enforcing_consecutive_5xx",
            "enforcing_consecutive_gateway_failure",
            "enforcing_success_rate",
            "generate_request_id",
            "healthy_panic_threshold",
            "max_connections",
            "max_ejection_percent",
            "max_pending_requests",
            "max_requests",
            "max_retries",
            "num_retries",
            "validate_clusters",
            "weight");

    /** Never shown. Source: Envoy, {@code tls/v3/common.proto}, {@code secret.proto}. */
    private static final Set<String> SECRET = Set.of(
            "client_secret",
            "generic_secret",
            "hmac_secret",
            "local_jwks",
            "password",
            "pkcs12",
            "private_key",
            "private_key_provider",
            "session_ticket_keys",
            "token_secret");

    private static final Pattern SECRET_HEADER =
            Pattern.compile("(?i)authorization|proxy-authorization|cookie|.*(token|secret|password|api-?key).*");

    private static final String NOT_SHOWN = "(not shown)";
    private static final Pattern DURATION = Pattern.compile("-?\\d{1,15}(\\.\\d{1,9})?s");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,25}(\\.\\d{1,25})?");
    private static final int KEY = 90;

    private final UnaryOperator<String> first;
    private final UnaryOperator<String> second;
    private final List<FieldChange> changes = new ArrayList<>();
    private final Set<String> incomparable = new TreeSet<>();

    /** For one proxy: names and addresses count as they are. */
    public JsonDiff() {
        this(UnaryOperator.identity(), UnaryOperator.identity());
    }

    /**
     * For two proxies.
     *
     * @param first what to make of a text of the first side before it is told to differ
     * @param second the same for the second side
     */
    public JsonDiff(UnaryOperator<String> first, UnaryOperator<String> second) {
        this.first = first;
        this.second = second;
    }

    /** Types of which one side has readable fields and the other one bytes. */
    public Set<String> incomparable() {
        return incomparable;
    }

    /** Where the two differ. */
    public List<FieldChange> compare(Json before, Json after) {
        return compare("", before, after);
    }

    /**
     * Where the two differ.
     *
     * @param root what to put in front of each path
     */
    public List<FieldChange> compare(String root, Json before, Json after) {
        changes.clear();
        value(new Path(null, root), "", before, after);
        return List.copyOf(changes);
    }

    /** Whether two texts are the same, for the one proxy or for both. */
    public boolean same(String before, String after) {
        return before.equals(after) || first.apply(before).equals(second.apply(after));
    }

    /** Where a value stands; made a text only when there is something to tell. */
    private record Path(@Nullable Path parent, String segment) {
        Path field(String name) {
            return new Path(this, name);
        }

        Path item(String key) {
            return new Path(this, "[" + (key.length() <= KEY ? key : key.substring(0, KEY - 1) + "…") + "]");
        }

        private void write(StringBuilder out) {
            if (parent != null) {
                parent.write(out);
            }
            if (out.length() > 0 && !segment.isEmpty() && !segment.startsWith("[")) {
                out.append('.');
            }
            out.append(segment);
        }

        @Override
        public String toString() {
            StringBuilder out = new StringBuilder();
            write(out);
            return out.toString();
        }
    }

    private void value(Path path, String name, Json before, Json after) {
        if (before.equals(after) || (isDefault(name, before) && isDefault(name, after))) {
            return;
        }
        if (SECRET.contains(name)) {
            List<FieldChange> kept = new ArrayList<>(changes);
            structure(path, "", before, after);
            boolean differ = changes.size() > kept.size();
            changes.clear();
            changes.addAll(kept);
            if (differ) {
                add(path, before.exists() ? NOT_SHOWN : "", after.exists() ? NOT_SHOWN : "");
            }
            return;
        }
        structure(path, name, before, after);
    }

    private void structure(Path path, String name, Json before, Json after) {
        if (before.isObject() && after.isObject()) {
            objects(path, before, after);
        } else if ((before.isArray() || !before.exists()) && (after.isArray() || !after.exists())) {
            lists(path, name, before.items(), after.items());
        } else if (before.isObject()
                || after.isObject()
                || before.isArray()
                || after.isArray()
                || !sameScalar(name, before, after)) {
            add(path, text(before), text(after));
        }
    }

    private void add(Path path, String before, String after) {
        changes.add(new FieldChange(FieldChange.Kind.CHANGED, path.toString(), before, after));
    }

    private void objects(Path path, Json before, Json after) {
        if (isBytes(before) != isBytes(after) && type(before).equals(type(after))) {
            incomparable.add(type(before));
            return;
        }
        if (isSecretHeader(before) || isSecretHeader(after)) {
            if (!canonical(before, first).equals(canonical(after, second))) {
                add(path.field("value"), NOT_SHOWN, NOT_SHOWN);
            }
            return;
        }
        Map<String, String> others = new LinkedHashMap<>();
        for (String name : after.names()) {
            if (!before.at(name).exists()) {
                // Two names of one style-free form are two keys of a map, not one field.
                others.put(others.containsKey(plain(name)) ? name : plain(name), name);
            }
        }
        for (String name : before.names()) {
            Json mine = before.at(name);
            String other = after.at(name).exists() ? name : others.remove(plain(name));
            String shown = Names.snake(name);
            value(path.field(shown), shown, mine, other == null ? Json.MISSING : after.at(other));
        }
        for (String name : others.values()) {
            String shown = Names.snake(name);
            value(path.field(shown), shown, Json.MISSING, after.at(name));
        }
    }

    /** A name without what is only a matter of style: {@code proxy_100_continue} and {@code proxy100Continue} are one field. */
    private static String plain(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '_' && !Character.isLetterOrDigit(c)) {
                return name;
            }
        }
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** A header to set, or to match, whose value lets its owner in somewhere. */
    private static boolean isSecretHeader(Json value) {
        boolean set = value.at("value").isText() || value.at("raw_value").isText();
        boolean match = value.at("string_match").exists()
                || value.at("exact_match").exists()
                || value.at("prefix_match").exists();
        return (set && SECRET_HEADER.matcher(value.at("key").text("")).matches())
                || (match && SECRET_HEADER.matcher(value.at("name").text("")).matches());
    }

    private static String type(Json any) {
        return afterSlash(any.at("@type").text(""));
    }

    private static String afterSlash(String url) {
        return url.substring(url.lastIndexOf('/') + 1);
    }

    /** Whether a message is only there as bytes, because who printed it does not know its type. */
    private static boolean isBytes(Json any) {
        return any.at("@type").isText() && any.at("value").isText() && any.size() == 2;
    }

    private static boolean isDefault(String name, Json value) {
        if (!value.exists()) {
            return true;
        }
        if (value.isArray()) {
            return value.size() == 0;
        }
        if (value.isObject() || ZERO_COUNTS.contains(name)) {
            return false;
        }
        if (value.isText()) {
            String text = value.text("");
            return text.isEmpty() || text.equals("0");
        }
        return value.isBool() ? !value.bool(true) : value.decimal(1) == 0;
    }

    private boolean sameScalar(String name, Json before, Json after) {
        String mine = before.text("");
        String other = after.text("");
        if (!before.exists() || !after.exists()) {
            return false;
        }
        if (mine.equals(other)) {
            return true;
        }
        if (name.equals("@type") || name.equals("type_url")) {
            return afterSlash(mine).equals(afterSlash(other));
        }
        if (before.isNumber() || after.isNumber()) {
            return (before.isNumber() && after.isNumber() && before.decimal(0) == after.decimal(1))
                    || (NUMBER.matcher(mine).matches()
                            && NUMBER.matcher(other).matches()
                            && new BigDecimal(mine).compareTo(new BigDecimal(other)) == 0);
        }
        if (DURATION.matcher(mine).matches() && DURATION.matcher(other).matches()) {
            return seconds(mine).compareTo(seconds(other)) == 0;
        }
        return same(mine, other);
    }

    private static BigDecimal seconds(String duration) {
        return new BigDecimal(duration.substring(0, duration.length() - 1));
    }

    // Lists

    private void lists(Path path, String name, List<Json> before, List<Json> after) {
        boolean scalars = before.stream().noneMatch(JsonDiff::isStructure)
                && after.stream().noneMatch(JsonDiff::isStructure);
        List<String> mine = scalars ? null : keys(name, before);
        List<String> others = scalars ? null : keys(name, after);
        if (mine == null || others == null) {
            unkeyed(path, before, after, scalars);
        } else {
            keyed(path, before, mine, after, others);
        }
    }

    private static boolean isStructure(Json value) {
        return value.isObject() || value.isArray();
    }

    private void keyed(Path path, List<Json> before, List<String> mine, List<Json> after, List<String> others) {
        Map<String, Integer> theirs = new LinkedHashMap<>();
        Map<String, Integer> mapped = new LinkedHashMap<>();
        for (int i = 0; i < others.size(); i++) {
            theirs.put(others.get(i), i);
            mapped.putIfAbsent(second.apply(others.get(i)), i);
        }
        List<Integer> order = new ArrayList<>();
        Set<Integer> used = new LinkedHashSet<>();
        List<Integer> pairs = new ArrayList<>();
        for (String key : mine) {
            Integer at = theirs.get(key);
            pairs.add(at == null ? -1 : at);
            if (at != null) {
                used.add(at);
            }
        }
        for (int i = 0; i < mine.size(); i++) {
            if (pairs.get(i) < 0) {
                // A key that holds what is each proxy's own.
                Integer at = mapped.get(first.apply(mine.get(i)));
                if (at != null && used.add(at)) {
                    pairs.set(i, at);
                }
            }
            int at = pairs.get(i);
            if (at >= 0) {
                order.add(at);
                value(path.item(mine.get(i)), "", before.get(i), after.get(at));
            } else {
                add(path.item(mine.get(i)), text(before.get(i)), "");
            }
        }
        for (int i = 0; i < others.size(); i++) {
            if (!used.contains(i)) {
                add(path.item(others.get(i)), "", text(after.get(i)));
            }
        }
        order(path, order, others);
    }

    private void order(Path path, List<Integer> order, List<String> names) {
        List<Integer> sorted = order.stream().sorted().toList();
        if (!order.equals(sorted)) {
            changes.add(new FieldChange(
                    FieldChange.Kind.ORDER,
                    path.toString(),
                    String.join(", ", order.stream().map(names::get).toList()),
                    String.join(", ", sorted.stream().map(names::get).toList())));
        }
    }

    /** Without keys, what is the same counts as the same wherever it stands; what is left is compared in its order. */
    private void unkeyed(Path path, List<Json> before, List<Json> after, boolean scalars) {
        Map<String, List<Integer>> theirs = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        for (int i = 0; i < after.size(); i++) {
            String text = canonical(after.get(i), second);
            others.add(text);
            theirs.computeIfAbsent(text, key -> new ArrayList<>()).add(i);
        }
        List<Integer> order = new ArrayList<>();
        List<Integer> left = new ArrayList<>();
        Set<Integer> used = new LinkedHashSet<>();
        for (int i = 0; i < before.size(); i++) {
            List<Integer> at = theirs.get(canonical(before.get(i), first));
            if (at == null || at.isEmpty()) {
                left.add(i);
            } else {
                int found = at.remove(0);
                used.add(found);
                order.add(found);
            }
        }
        List<Integer> right = new ArrayList<>();
        for (int i = 0; i < after.size(); i++) {
            if (!used.contains(i)) {
                right.add(i);
            }
        }
        if (scalars) {
            if (!left.isEmpty() || !right.isEmpty()) {
                add(path, joined(before, left), joined(after, right));
            }
        } else {
            for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
                int at = i < left.size() ? left.get(i) : right.get(i);
                Path item = path.item(String.valueOf(at));
                if (i < left.size() && i < right.size()) {
                    value(item, "", before.get(left.get(i)), after.get(right.get(i)));
                } else {
                    add(item, i < left.size() ? text(before.get(at)) : "", i < left.size() ? "" : text(after.get(at)));
                }
            }
        }
        order(path, order, others);
    }

    private static String joined(List<Json> items, List<Integer> which) {
        return String.join(", ", which.stream().map(i -> text(items.get(i))).toList());
    }

    /** A key for each item; null where the items have none. Of items with the same key the second is {@code KEY #2}. */
    private static @Nullable List<String> keys(String list, List<Json> items) {
        List<String> keys = new ArrayList<>();
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (Json item : items) {
            String key = key(list, item);
            if (key == null) {
                return null;
            }
            keys.add(key);
            seen.merge(key, 1, Integer::sum);
        }
        if (list.equals("routes")) {
            // Istio calls many routes "default"; what they match tells them apart.
            for (int i = 0; i < keys.size(); i++) {
                if (seen.getOrDefault(keys.get(i), 0) > 1
                        && items.get(i).at("match").exists()) {
                    keys.set(i, keys.get(i) + " " + canonical(items.get(i).at("match"), UnaryOperator.identity()));
                }
            }
        }
        seen.clear();
        for (int i = 0; i < keys.size(); i++) {
            int count = seen.merge(keys.get(i), 1, Integer::sum);
            if (count > 1) {
                keys.set(i, keys.get(i) + " #" + count);
            }
        }
        return keys;
    }

    private static @Nullable String key(String list, Json item) {
        switch (list) {
            case "filter_chains" -> {
                return named(item, item.at("filter_chain_match"));
            }
            case "routes" -> {
                return named(item, item.at("match"));
            }
            case "lb_endpoints" -> {
                return address(item.at("endpoint", "address"));
            }
            case "endpoints" -> {
                return item.at("lb_endpoints").exists() || item.at("locality").exists()
                        ? canonical(item.at("locality"), UnaryOperator.identity()) + " priority "
                                + item.at("priority").number(0)
                        : null;
            }
            default -> {
                for (String field :
                        List.of("name", "key", "tag", "upgrade_type", "address_prefix", "cluster_name", "port")) {
                    String text = item.at(field).text("");
                    if (!text.isEmpty()) {
                        return field.equals("address_prefix")
                                ? text + "/" + item.at("prefix_len").number(0)
                                : text;
                    }
                }
                return item.at("header", "key").text().orElse(null);
            }
        }
    }

    private static String named(Json item, Json match) {
        String name = item.at("name").text("");
        if (!name.isEmpty()) {
            return name;
        }
        String matches = canonical(match, UnaryOperator.identity());
        return matches.isEmpty() || matches.equals("{}") ? "any" : matches;
    }

    private static @Nullable String address(Json address) {
        Json socket = address.at("socket_address");
        if (socket.exists()) {
            return socket.at("address").text("") + ":"
                    + socket.at("port_value").text(socket.at("named_port").text(""));
        }
        if (address.at("pipe").exists()) {
            return address.at("pipe", "path").text("");
        }
        return address.exists() ? canonical(address, UnaryOperator.identity()) : null;
    }

    // Texts

    /** One text for all ways of writing a value; for comparing, and for keys of what has no name. */
    public static String canonical(Json value, UnaryOperator<String> own) {
        StringBuilder out = new StringBuilder();
        canonical(out, "", value, own);
        return out.toString();
    }

    private static void canonical(StringBuilder out, String name, Json value, UnaryOperator<String> own) {
        if (value.isObject()) {
            Map<String, Json> fields = new TreeMap<>();
            Map<String, String> shown = new LinkedHashMap<>();
            boolean hidden = isSecretHeader(value);
            value.forEachField((field, item) -> {
                String snake = Names.snake(field);
                if (!isDefault(snake, item)) {
                    fields.put(plain(field), item);
                    shown.put(plain(field), snake);
                }
            });
            out.append('{');
            String separator = "";
            for (Map.Entry<String, Json> field : fields.entrySet()) {
                String label = shown.getOrDefault(field.getKey(), field.getKey());
                out.append(separator).append(label).append(':');
                if (SECRET.contains(label) || (hidden && !label.equals("key") && !label.equals("name"))) {
                    out.append(NOT_SHOWN)
                            .append(' ')
                            .append(Integer.toHexString(field.getValue().hashCode()));
                } else {
                    canonical(out, label, field.getValue(), own);
                }
                separator = ", ";
            }
            out.append('}');
        } else if (value.isArray()) {
            out.append('[');
            String separator = "";
            for (Json item : value.items()) {
                out.append(separator);
                canonical(out, "", item, own);
                separator = ", ";
            }
            out.append(']');
        } else {
            String text = value.text("");
            if (name.equals("@type") || name.equals("type_url")) {
                out.append(afterSlash(text));
            } else if (value.isText() && DURATION.matcher(text).matches()) {
                out.append(seconds(text).stripTrailingZeros().toPlainString()).append('s');
            } else {
                out.append(value.isText() ? own.apply(text) : text);
            }
        }
    }

    /** A value for people and programs, without what is secret. */
    public static String text(Json value) {
        if (!value.exists()) {
            return "";
        }
        if (!isStructure(value)) {
            return value.text("").isEmpty() ? "\"\"" : value.text("");
        }
        return shown(value).toString();
    }

    private static Json shown(Json value) {
        if (value.isArray()) {
            return Json.array(value.items().stream().map(JsonDiff::shown).toList());
        }
        if (!value.isObject()) {
            return value;
        }
        boolean hidden = isSecretHeader(value);
        List<@Nullable Object> fields = new ArrayList<>();
        value.forEachField((name, item) -> {
            boolean secret =
                    SECRET.contains(Names.snake(name)) || (hidden && !name.equals("key") && !name.equals("name"));
            fields.add(name);
            fields.add(secret ? NOT_SHOWN : shown(item));
        });
        return Json.object(fields.toArray());
    }
}
