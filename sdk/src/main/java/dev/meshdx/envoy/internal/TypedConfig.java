package dev.meshdx.envoy.internal;

import dev.meshdx.model.Json;
import java.util.Locale;

/**
 * The configuration of an extension: its type and its fields, whether written as such, wrapped in a {@code TypedStruct} (as
 * istiod does for filters that it does not link) or in a {@code FilterConfig} (as routes do). Source: xds,
 * {@code xds/type/v3/typed_struct.proto}; Envoy, {@code config/route/v3/route_components.proto}, {@code FilterConfig}.
 *
 * @param typeUrl the type without {@code type.googleapis.com/}; empty where nothing says it
 * @param fields the fields
 * @param disabled whether a wrapper switches the extension off
 */
public record TypedConfig(String typeUrl, Json fields, boolean disabled) {
    /** Reads {@code typed_config}. */
    public static TypedConfig of(Json config) {
        String type = afterSlash(config.at("@type").text(""));
        if (type.endsWith(".TypedStruct")) {
            return new TypedConfig(afterSlash(config.at("type_url").text("")), config.at("value"), false);
        }
        if (type.endsWith(".route.v3.FilterConfig")) {
            TypedConfig inner = of(config.at("config"));
            return new TypedConfig(
                    inner.typeUrl, inner.fields, config.at("disabled").bool(false));
        }
        return new TypedConfig(type, config, false);
    }

    private static String afterSlash(String url) {
        return url.substring(url.lastIndexOf('/') + 1);
    }

    /** The message's name, such as {@code HttpConnectionManager}. */
    public String message() {
        return typeUrl.substring(typeUrl.lastIndexOf('.') + 1);
    }

    /**
     * What it is, in Envoy's short term: {@code router}, {@code jwt_authn}; of the type's package or, where it says nothing,
     * the last part of the extension's name.
     */
    public String kind(String name) {
        int end = typeUrl.lastIndexOf('.');
        while (end > 0) {
            int start = typeUrl.lastIndexOf('.', end - 1) + 1;
            if (!isVersion(start, end) && !(end - start == 6 && typeUrl.startsWith("config", start))) {
                return typeUrl.substring(start, end);
            }
            end = start - 1;
        }
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** {@code v3}, {@code v2alpha1}. */
    private boolean isVersion(int start, int end) {
        return end - start > 1 && typeUrl.charAt(start) == 'v' && Character.isDigit(typeUrl.charAt(start + 1));
    }
}
