package dev.meshdx.health.internal;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the settings that an istiod runs with differ from those in its ConfigMap. istiod adds defaults, leaves out what is the
 * default of its type, and writes durations in its own way; none of that is a difference. Source: Istio, {@code
 * pkg/config/mesh/mesh.go} (ApplyMeshConfig: the settings are laid over the defaults); protobuf, "JSON Mapping".
 */
final class MeshSettingsDiff {
    private static final Pattern DURATION =
            Pattern.compile("(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+(?:\\.\\d+)?)s)?(?:(\\d+)ms)?");

    private static final int DEEPEST = 20;

    /**
     * Settings of which every version of Istio that is worth asking knows the name: where one of these is missing from what is in
     * force, it was not taken. Others may be unknown to the version, which leaves them out.
     */
    private static final Set<String> KNOWN = Set.of(
            "accessLogFile",
            "accessLogFormat",
            "accessLogEncoding",
            "trustDomain",
            "rootNamespace",
            "ingressService",
            "ingressClass",
            "outboundTrafficPolicy.mode");

    private MeshSettingsDiff() {}

    /** Tells of each setting that differs: path, what is meant, what is in force. */
    interface Difference {
        void found(String path, String meant, String inForce);
    }

    static void compare(Json meant, Json inForce, Difference difference) {
        object("", meant, inForce, 0, difference);
    }

    private static void object(String path, Json meant, Json inForce, int depth, Difference difference) {
        if (depth > DEEPEST) {
            return;
        }
        BiConsumer<String, Json> each = (name, value) -> {
            String at = path.isEmpty() ? name : path + "." + name;
            Json other = inForce.at(name);
            if (value.isObject()) {
                object(at, value, other, depth + 1, difference);
            } else if (value.isArray()) {
                list(at, value, other, difference);
            } else if (!value.isNull()) {
                scalar(at, value, other, difference);
            }
        };
        meant.forEachField(each);
    }

    private static void scalar(String path, Json meant, Json inForce, Difference difference) {
        if (!inForce.exists()) {
            if (KNOWN.contains(path) && !isDefault(meant)) {
                difference.found(path, meant.toString(), "");
            }
        } else if (!inForce.isObject() && !inForce.isArray() && !same(meant, inForce)) {
            difference.found(path, meant.toString(), inForce.toString());
        }
    }

    /** Providers by their names; of other lists only whether they hold the same plain values. */
    private static void list(String path, Json meant, Json inForce, Difference difference) {
        if (path.equals("extensionProviders")) {
            List<String> names = new ArrayList<>();
            inForce.items().forEach(item -> names.add(item.at("name").text("")));
            for (Json item : meant.items()) {
                String name = item.at("name").text("");
                if (!name.isEmpty() && !names.contains(name)) {
                    difference.found(path + "[name=" + name + "]", item.toString(), "");
                }
            }
        } else if (inForce.isArray()
                && meant.items().stream().noneMatch(item -> item.isObject() || item.isArray())
                && !meant.items().stream()
                        .map(Json::toString)
                        .toList()
                        .equals(inForce.items().stream().map(Json::toString).toList())) {
            difference.found(path, meant.toString(), inForce.toString());
        }
    }

    private static boolean isDefault(Json value) {
        return value.isBool()
                ? !value.bool(true)
                : value.isNumber() ? value.decimal(1) == 0 : value.text("").isEmpty();
    }

    private static boolean same(Json meant, Json inForce) {
        if (meant.equals(inForce)) {
            return true;
        }
        if (meant.isNumber() || inForce.isNumber()) {
            // An enumeration may be written as a number, and a number as a text.
            return meant.isText() != inForce.isText() || meant.decimal(0) == inForce.decimal(1);
        }
        String one = meant.text("");
        String other = inForce.text("");
        return one.equalsIgnoreCase(other) || (seconds(one) >= 0 && seconds(one) == seconds(other));
    }

    private static double seconds(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (text.isEmpty() || text.length() > 40 || !matcher.matches()) {
            return -1;
        }
        return part(matcher, 1) * 3600 + part(matcher, 2) * 60 + part(matcher, 3) + part(matcher, 4) / 1000;
    }

    private static double part(Matcher matcher, int group) {
        String text = matcher.group(group);
        return text == null ? 0 : Double.parseDouble(text);
    }
}
