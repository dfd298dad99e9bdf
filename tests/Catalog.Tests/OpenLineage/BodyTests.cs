using System.IO.Compression;
using Catalog.Platform;
using Catalog.Server.Doors.OpenLineage;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>How much of a body is read, and how much of all bodies is in memory at once.</summary>
public sealed class BodyTests
{
    private const int Limit = 100_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(Limit)]
    public async Task A_body_up_to_the_limit_is_read_whole(int bytes)
    {
        var sent = Enumerable.Range(0, bytes).Select(i => (byte)(i % 251)).ToArray();

        var read = await EventBody.ReadAsync(Request(sent), new BodyBudget(Limit));

        Assert.True(read.Succeeded);
        Assert.Equal(sent, read.Value.Bytes.ToArray());
        read.Value.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_byte_more_is_too_large_however_it_is_packed(bool packed)
    {
        var read = await EventBody.ReadAsync(packed ? Packed(new byte[Limit + 1]) : Request(new byte[Limit + 1]), new BodyBudget(Limit));

        Assert.Equal(ProblemKind.TooLarge, read.Problem?.Kind);
    }

    [Fact]
    public async Task When_too_much_is_in_memory_the_next_is_asked_to_come_again_until_room_is_given_back()
    {
        var budget = new BodyBudget(Limit);
        var held = new List<EventBody>();
        Outcome<EventBody> read;
        while ((read = await EventBody.ReadAsync(Request(new byte[Limit]), budget)).Succeeded)
            held.Add(read.Value);

        Assert.Equal(("catalog.busy", ProblemKind.Unavailable), (read.Problem.Code, read.Problem.Kind));
        Assert.Equal(8, held.Count);
        held.ForEach(body => body.Dispose());
        using var next = (await EventBody.ReadAsync(Request(new byte[Limit]), budget)).Value;
        Assert.Equal(Limit, next?.Bytes.Length);
    }

    [Fact]
    public async Task What_was_refused_holds_no_memory()
    {
        var budget = new BodyBudget(Limit);
        for (var i = 0; i < 100; i++)
            Assert.False((await EventBody.ReadAsync(Packed(new byte[Limit + 1]), budget)).Succeeded);

        using var next = (await EventBody.ReadAsync(Request(new byte[Limit]), budget)).Value;
        Assert.NotNull(next);
    }

    private static DefaultHttpContext Request(byte[] body) => new() { Request = { Body = new MemoryStream(body) } };

    private static DefaultHttpContext Packed(byte[] body)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(body);
        packed.Position = 0;
        return new DefaultHttpContext { Request = { Body = packed, Headers = { ContentEncoding = "gzip" } } };
    }
}
