using Catalog.Integrity;
using Catalog.Manifests;
using Xunit;

namespace Catalog.Tests.Datasets;

public sealed class ContentTests
{
    private static readonly FileEntry[] s_files =
        [.. Enumerable.Range(0, 5_000)
            .Select(i => new FileEntry($"{i:00000}", $"file:///{i:00000}", i, Rows: null, Sha256.Hash(BitConverter.GetBytes(i))))];

    [Fact]
    public void Chunks_come_ready_to_be_stored_with_the_hashes_of_their_own_files()
    {
        var content = Content.Of(s_files, table: null, new HashSet<string>(), preparedOn: null);

        Assert.True(content.NewChunks.Count > 1);
        Assert.Equal(content.Chunks.Select(c => c.Hash), content.NewChunks.Select(c => Convert.ToHexStringLower(c.Hash)));
        Assert.Equal(s_files, content.NewChunks.SelectMany(c => ManifestChunks.Read(Body(c))));
        Assert.All(content.NewChunks, c => Assert.Equal(
            ManifestChunks.Read(Body(c)).Select(f => f.Sha256), c.FileHashes.Select(Convert.ToHexStringLower)));
    }

    [Fact]
    public void Chunks_that_are_stored_already_are_left_out_and_the_others_keep_their_hashes()
    {
        var whole = Content.Of(s_files, table: null, new HashSet<string>(), preparedOn: null);

        var fresh = Content.Of(s_files, table: null, new HashSet<string> { whole.Chunks[0].Hash }, preparedOn: null);

        Assert.Equal(whole.NewChunks.Skip(1).Select(c => c.Hash), fresh.NewChunks.Select(c => c.Hash));
        Assert.Equal(whole.NewChunks.Skip(1).SelectMany(c => c.FileHashes), fresh.NewChunks.SelectMany(c => c.FileHashes));
    }

    private static ReadOnlyMemory<byte> Body(StoredChunk chunk) => StoredChunk.Read(Convert.ToHexStringLower(chunk.Hash), chunk.Body);
}
