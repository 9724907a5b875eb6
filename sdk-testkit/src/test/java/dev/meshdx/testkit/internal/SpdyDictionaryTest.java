package dev.meshdx.testkit.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.zip.Adler32;
import org.junit.jupiter.api.Test;

class SpdyDictionaryTest {
    @Test
    void should_be_the_dictionary_of_the_specification() {
        Adler32 checksum = new Adler32();
        checksum.update(SpdyDictionary.bytes());
        assertThat(checksum.getValue()).isEqualTo(0xe3c6a7c2L);
    }
}
