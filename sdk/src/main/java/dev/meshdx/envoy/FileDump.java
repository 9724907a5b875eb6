package dev.meshdx.envoy;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.internal.Projection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;

/** A configuration in a file, gone through for each question. */
final class FileDump implements Dump {
    private static final String REMEDY =
            "Ask the proxy: kubectl exec POD -c istio-proxy -- pilot-agent request GET config_dump?include_eds";

    private final Path file;

    FileDump(Path file) {
        this.file = file;
    }

    @Override
    public Outcome read(Map<Section, Projection> wanted, NameFilter names, BiConsumer<Section, Entry> entries) {
        try (InputStream in = Files.newInputStream(file)) {
            return DumpReader.read(in, wanted, names, entries);
        } catch (MeshProtocolException e) {
            throw new MeshProtocolException(file + ": " + e.getMessage(), REMEDY, e);
        } catch (IOException e) {
            throw new MeshConfigurationException(
                    file + " cannot be read: " + e.getMessage(), "Name a file with an Envoy /config_dump.", e);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
