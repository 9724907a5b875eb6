package dev.meshdx.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares a module's public surface with the file in git, so that a change of it shows in review. */
public final class ApiFile {
    private ApiFile() {}

    /** Compares, or writes the file when {@code -Dmeshdx.api.update} is set. */
    public static void check(Path module, String name) {
        Path file = module.resolve("api").resolve(name);
        String actual = ApiDump.of(module.resolve("target/classes"));
        try {
            if (Boolean.getBoolean("meshdx.api.update")) {
                Files.writeString(file, actual);
            }
            assertThat(Files.exists(file) ? Files.readString(file) : "")
                    .as("the public API changed: look at the difference, and if it is meant, run the tests with"
                            + " -Dmeshdx.api.update=true and commit " + name)
                    .isEqualTo(actual);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
