package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Headers that are added to requests or responses, or removed from them. Source: Envoy,
 * {@code config/core/v3/base.proto}, {@code HeaderValueOption}.
 *
 * @param added those that are added, in order
 * @param removed the names of those that are removed
 */
public record HeaderChanges(List<Added> added, List<String> removed) {
    /** Copies the lists. */
    public HeaderChanges {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
    }

    /** What happens where the header is there already. */
    public enum Action {
        /** Another value beside it. */
        APPEND,
        /** It stays as it is. */
        ADD_IF_ABSENT,
        /** It is replaced. */
        OVERWRITE,
        /** It is replaced; where it is absent, nothing happens. */
        OVERWRITE_IF_EXISTS
    }

    /**
     * A header that is added.
     *
     * @param name its name
     * @param value its value, with Envoy's {@code %…%} commands as they are written
     * @param action what happens where it is there already
     */
    public record Added(String name, String value, Action action) {
        /** {@code x-by=gateway}. */
        @Override
        public String toString() {
            return switch (action) {
                        case APPEND -> "+";
                        case ADD_IF_ABSENT -> "?";
                        case OVERWRITE, OVERWRITE_IF_EXISTS -> "";
                    }
                    + name + "=" + value;
        }
    }

    static HeaderChanges request(Json owner) {
        return of(owner.at("request_headers_to_add"), owner.at("request_headers_to_remove"));
    }

    static HeaderChanges response(Json owner) {
        return of(owner.at("response_headers_to_add"), owner.at("response_headers_to_remove"));
    }

    private static HeaderChanges of(Json add, Json remove) {
        List<Added> added = new ArrayList<>();
        for (Json option : add.items()) {
            added.add(new Added(
                    option.at("header", "key").text(""),
                    option.at("header", "value")
                            .text(option.at("header", "raw_value").text("")),
                    action(option)));
        }
        return new HeaderChanges(added, remove.texts());
    }

    private static Action action(Json option) {
        // "append" is the older form, whose default is true.
        if (option.at("append").exists()) {
            return option.at("append").bool(true) ? Action.APPEND : Action.OVERWRITE;
        }
        return switch (option.at("append_action").text("")) {
            case "ADD_IF_ABSENT" -> Action.ADD_IF_ABSENT;
            case "OVERWRITE_IF_EXISTS_OR_ADD" -> Action.OVERWRITE;
            case "OVERWRITE_IF_EXISTS" -> Action.OVERWRITE_IF_EXISTS;
            default -> Action.APPEND;
        };
    }

    /** Whether nothing is changed. */
    public boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty();
    }

    /** {@code x-by=gateway, +via=a, -server}: set, appended, removed. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        added.forEach(header -> parts.add(header.toString()));
        removed.forEach(name -> parts.add("-" + name));
        return String.join(", ", parts);
    }
}
