using System.Diagnostics;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Whatever the bytes, the answer is a schema or a refusal: no crash, no hang, no memory to speak of.</summary>
public sealed class HostileParquetTests
{
    private const int Required = 0;

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "has 0 bytes", [] },
        { "has 8 bytes", [.. "PAR1PAR1"u8] },
        { "does not begin with PAR1", [.. "<html></html>"u8] },
        { "does not begin with PAR1", new byte[1_000] },
        { "does not end with PAR1", [.. "PAR1"u8, .. new byte[1_000]] },
        { "is encrypted", [.. "PARE"u8, .. new byte[100], 100, 0, 0, 0, .. "PARE"u8] },
        { "claims 4294967295 bytes", [.. "PAR1"u8, .. new byte[20], 255, 255, 255, 255, .. "PAR1"u8] },
        { "claims 21 bytes, and the file has 32", [.. "PAR1"u8, .. new byte[20], 21, 0, 0, 0, .. "PAR1"u8] },
        { "no schema", FooterBuilder.File([0]) },
        { "ends early", FooterBuilder.File([]) },
        { "ends early", FooterBuilder.File([0x15, 0x80]) },
        { "without an end", FooterBuilder.File([0x36, .. Enumerable.Repeat((byte)0xff, 100)]) },
        { "more than it has room for", FooterBuilder.File(new FooterBuilder().List(2, int.MaxValue).Unfinished()) },
        { "more than it has room for", FooterBuilder.File(new FooterBuilder().List(2, long.MaxValue).Unfinished()) },
        { "more than it has room for", FooterBuilder.File(new FooterBuilder().Field(6, 8).Varint(ulong.MaxValue).Unfinished()) },
        { "more than it has room for", FooterBuilder.File(new FooterBuilder().Field(60, 11).Varint(1_000_000).Raw(0x55).Unfinished()) },
        { "ends early", FooterBuilder.File(new FooterBuilder().List(2, 3).Raw(0x15).Unfinished()) },
        { "without a name", FooterBuilder.File(new FooterBuilder().List(2, 1).Begin().End().Stop()) },
        { "nested too deeply", FooterBuilder.File([.. Enumerable.Repeat((byte)0xdc, 100_000)]) },
        { "nested too deeply", FooterBuilder.File([0xd9, .. Enumerable.Repeat((byte)0x19, 100_000)]) },
        { "no known type", FooterBuilder.File([0xde, 0, 0]) },
        { "where that cannot be", FooterBuilder.File([0x25, 2, 0]) },
        { "no row groups", FooterBuilder.File(new FooterBuilder().List(2, 1).Element("s").Int64(3, 0).Stop()) },
        { "claims 5 rows", FooterBuilder.File(new FooterBuilder().List(2, 1).Element("s").Int64(3, 5).List(4, 0).Stop()) },
        { "claims -1 rows", FooterBuilder.File(new FooterBuilder().List(2, 1).Element("s").Int64(3, -1).List(4, 0).Stop()) },
        { "row groups hold 18446744073709551616", FooterBuilder.File(Groups(claimed: 0, rows: 1L << 62, count: 4)) },
        { "row groups hold 18446744073709551614", FooterBuilder.File(Groups(claimed: -2, rows: long.MaxValue, count: 2)) },
        { "claims  rows", FooterBuilder.File(new FooterBuilder().List(2, 1).Element("s").List(4, 0).Stop()) },
        { "belong to no column", FooterBuilder.FileOf(topLevel: 0, f => f.Element("c", 1)) },
        { "2000000000 children", FooterBuilder.FileOf(topLevel: 2_000_000_000) },
        { "-1 children", FooterBuilder.FileOf(topLevel: -1) },
        { "1 children", FooterBuilder.FileOf(topLevel: 1, f => f.Element("c", 1, children: 1), f => f.Element("d", 1)) },
        { "unknown physical type 99", FooterBuilder.FileOf(f => f.Element("c", 99)) },
        { "fixed length that is not given", FooterBuilder.FileOf(f => f.Element("c", 7)) },
        { "cannot be used", FooterBuilder.FileOf(f => f.Element("", 1)) },
        { "cannot be used", FooterBuilder.FileOf(f => f.Element("line\nbreak", 1)) },
        { "nested more than", FooterBuilder.FileOf(
            topLevel: 1, [.. Enumerable.Repeat<Action<FooterBuilder>>(f => f.Element("g", children: 1), 50_000), f => f.Element("c", 1)]) },
        { "a name of 1000000 bytes", FooterBuilder.FileOf(f => f.Element(new string('n', 1_000_000), 1)) },
        { "characters together", FooterBuilder.FileOf(
            topLevel: 1,
            [
                f => f.Element(new string('g', 1_000), children: 20_000),
                .. Enumerable.Repeat<Action<FooterBuilder>>(f => f.Element("c", 1), 20_000),
            ]) },
        { "ends early", FooterBuilder.FileOf(
            topLevel: 1,
            [
                .. Enumerable.Repeat<Action<FooterBuilder>>(f => f.Element("g", children: 50_000), 90),
                .. Enumerable.Repeat<Action<FooterBuilder>>(f => f.Element("c", 1), 50_000),
            ]) },
        { "at most 250000", FooterBuilder.File(new FooterBuilder().List(2, 300_000).Raw(new byte[300_000]).Unfinished()) },
        { "0 column chunks for 1", FooterBuilder.File(OneColumn(rows: 0).List(4, 1).Begin().Int64(3, 0).End().Stop()) },
        { "2 column chunks for 1",
            FooterBuilder.File(OneColumn(rows: 0).List(4, 1).Begin().List(1, 2).Begin().End().Begin().End().End().Stop()) },
        { "no row count", FooterBuilder.File(OneColumn(rows: 0).List(4, 1).Begin().List(1, 1).Begin().End().End().Stop()) },
        { "lies outside the file", FooterBuilder.File(OneChunk(size: 1_000, at: 4), data: 100) },
        { "lies outside the file", FooterBuilder.File(OneChunk(size: 10, at: long.MaxValue), data: 100) },
        { "lies outside the file", FooterBuilder.File(OneChunk(size: long.MinValue, at: 4), data: 100) },
        { "lies outside the file", FooterBuilder.File(OneChunk(size: 10, at: 0), data: 100) },
        { "as the schema describes", FooterBuilder.File(OneChunk(size: 10, at: 4, type: 5), data: 100) },
    };

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public async Task A_hostile_file_is_refused_and_the_refusal_says_why(string because, byte[] file)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();

        var refusal = await Assert.ThrowsAsync<FileException>(() => ReadAsync(file));

        Assert.Equal("file.not_parquet", refusal.Code);
        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("test.parquet", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32_000_000);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_sound_chunk_beside_those_is_read()
    {
        var footer = await ReadAsync(FooterBuilder.File(OneChunk(size: 96, at: 8), data: 100));

        Assert.Equal((7, 1), (footer.Rows, footer.RowGroups));
    }

    [Fact]
    public async Task A_footer_that_claims_more_than_the_limit_is_refused_unread()
    {
        using var file = File.OpenHandle(
            Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        const long Length = 200_000_000;
        RandomAccess.Write(file, "PAR1"u8, 0);
        RandomAccess.Write(file, [.. BitConverter.GetBytes(100_000_000), .. "PAR1"u8], Length - 8);
        await using var stream = new FileStream(file, FileAccess.Read);

        var before = GC.GetTotalAllocatedBytes();
        var refusal = await Assert.ThrowsAsync<FileException>(
            () => ParquetFooter.ReadAsync(stream, "big", TestContext.Current.CancellationToken));

        Assert.Contains("at most 67108864", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 60_000_000);
    }

    [Fact]
    public async Task A_file_cut_off_anywhere_is_refused()
    {
        var whole = await ParquetFiles.WriteManyTypesAsync();

        for (var length = 0; length < whole.Length; length += length < 64 || length > whole.Length - 2_000 ? 1 : 37)
        {
            var cut = whole[..length];
            Assert.Equal("file.not_parquet", (await Assert.ThrowsAsync<FileException>(() => ReadAsync(cut))).Code);
        }
    }

    [Fact]
    public async Task A_file_with_its_middle_missing_is_refused()
    {
        var whole = await ParquetFiles.WriteManyTypesAsync();

        byte[] gap = [.. whole[..100], .. whole[1_000..]];

        Assert.Contains(
            "lies outside the file", (await Assert.ThrowsAsync<FileException>(() => ReadAsync(gap))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_footers_are_read_or_refused_but_never_worse()
    {
        var whole = await ParquetFiles.WriteManyTypesAsync();
        var footerLength = BitConverter.ToInt32(whole, whole.Length - 8);
        var random = new Random(20_240_131);
        var refused = 0;
        for (var round = 0; round < 5_000; round++)
        {
            var damaged = whole.ToArray();
            for (var i = random.Next(1, 5); i > 0; i--)
                damaged[whole.Length - 8 - random.Next(1, footerLength + 1)] = (byte)random.Next(256);
            refused += await IsRefusedAsync(damaged) ? 1 : 0;
        }

        Assert.InRange(refused, 1_000, 5_000);
    }

    private static async Task<bool> IsRefusedAsync(byte[] file)
    {
        try
        {
            await ReadAsync(file);
            return false;
        }
        catch (FileException e) when (e.Code == "file.not_parquet")
        {
            return true;
        }
    }

    private static FooterBuilder OneColumn(long rows) =>
        new FooterBuilder().List(2, 2).Element("s", children: 1).Element("c", 1, repetition: Required).Int64(3, rows);

    /// <summary>Row groups that hold so many rows each, and say nothing of their columns.</summary>
    private static byte[] Groups(long claimed, long rows, int count)
    {
        var footer = OneColumn(claimed).List(4, count);
        for (var i = 0; i < count; i++)
            footer.Begin().List(1, 1).Begin().End().Int64(3, rows).End();
        return footer.Stop();
    }

    private static byte[] OneChunk(long size, long at, int type = 1) => OneColumn(rows: 7)
        .List(4, 1).Begin().List(1, 1).Begin().Struct(3, m => m.Int32(1, type).Int64(5, 7).Int64(7, size).Int64(9, at)).End()
        .Int64(3, 7).End().Stop();

    private static Task<ParquetFooter> ReadAsync(byte[] file) =>
        ParquetFooter.ReadAsync(new MemoryStream(file), "test.parquet", TestContext.Current.CancellationToken);
}
