using System.Text;
using Catalog.Features;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Server.Doors.Resp;
using Xunit;

namespace Catalog.Tests.Serving;

/// <summary>The protocol of Redis, without a socket.</summary>
public sealed class RespTests
{
    [Fact]
    public void A_command_is_read_once_it_is_whole()
    {
        var sent = Encoding.UTF8.GetBytes("*3\r\n$5\r\nHMGET\r\n$4\r\nv:é\r\n$0\r\n\r\n*1\r\n$4\r\nPING\r\n");
        var command = new RespCommand();
        var first = sent.Length - "*1\r\n$4\r\nPING\r\n".Length;
        for (var come = 0; come < first; come++)
        {
            Assert.Equal(0, command.Read(sent.AsMemory(0, come), PooledBody.MostBytes));
            Assert.InRange(command.Wanted, come + 1, first);
        }

        Assert.Equal(first, command.Read(sent, PooledBody.MostBytes));
        Assert.Equal((3, "HMGET", "v:é", ""), (command.Count, command.Text(0), command.Text(1), command.Text(2)));
        Assert.True(command.Is(0, "hmget"u8));
        Assert.Equal(sent.Length - first, command.Read(sent.AsMemory(first), PooledBody.MostBytes));
        Assert.Equal("PING", command.Text(0));
    }

    [Fact]
    public void What_is_asked_behind_a_key_is_told_apart_by_the_length_of_its_words()
    {
        var (two, one) = (new RespCommand(), new RespCommand());
        two.Read("*4\r\n$5\r\nHMGET\r\n$3\r\nv:1\r\n$5\r\ndelay\r\n$6\r\nplanes\r\n"u8.ToArray(), PooledBody.MostBytes);
        one.Read("*3\r\n$4\r\nHGET\r\n$3\r\nv:1\r\n$17\r\ndelay\r\n$6\r\nplanes\r\n"u8.ToArray(), PooledBody.MostBytes);

        Assert.Equal((4, 3), (two.Count, one.Count));
        Assert.False(two.From(2).SequenceEqual(one.From(2)));
    }

    [Theory]
    [InlineData("PING\r\n", "PING")]
    [InlineData("  HGET   a  b \n", "HGET|a|b")]
    [InlineData("\r\n", "")]
    public void A_line_of_words_is_a_command(string line, string words)
    {
        var command = new RespCommand();
        Assert.Equal(line.Length, command.Read(Encoding.UTF8.GetBytes(line), RespCommand.MostUnknownBytes));
        Assert.Equal(words, string.Join('|', Enumerable.Range(0, command.Count).Select(command.Text)));
    }

    [Theory]
    [InlineData("5", "$1\r\n5\r\n")]
    [InlineData("0.10000000149011612", "$19\r\n0.10000000149011612\r\n")]
    [InlineData("\"2026-11-26\"", "$10\r\n2026-11-26\r\n")]
    [InlineData("", "$0\r\n\r\n")]
    public void The_length_of_a_string_is_known_when_it_is_written(string written, string reply)
    {
        using var buffer = new AnswerBuffer();
        var to = new RespWriter(buffer);
        to.Ok();
        var start = to.BeginBulk();
        buffer.Write(Encoding.UTF8.GetBytes(written));
        to.EndBulk(start, isQuoted: written.StartsWith('"'));
        Assert.Equal("+OK\r\n" + reply, Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    [Fact]
    public void Long_strings_are_moved_for_their_length()
    {
        var text = new string('x', 12_345);
        using var buffer = new AnswerBuffer();
        var to = new RespWriter(buffer);
        var start = to.BeginBulk();
        buffer.Write(Encoding.UTF8.GetBytes(text));
        to.EndBulk(start, isQuoted: false);
        Assert.Equal($"$12345\r\n{text}\r\n", Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    [Fact]
    public void Keys_of_several_parts_stand_behind_each_other()
    {
        EntityKey[] parts =
        [
            new("airport", "string", "airport"), new("day", "date", "day"), new("gate", "int16", "gate"), new("open", "bool", "open"),
        ];
        var view = Served.View("demo", "gates", Served.Define(parts, [new("planes", "int64", "planes")]));
        Served.Push(
            view,
            k =>
            {
                k.Part("A:%"u8);
                k.Part(20_000);
                k.Part(-7);
                k.Part(1);
                k.EndKey();
            },
            Served.Eleven, (row, layout) => row.Set(layout.Slots[0], 3L));
        var plan = Served.Plan(Served.State(view), "gates:planes");

        Assert.Equal(3, Find("demo/gates:A%3A%25:2024-10-04:-7:true"));
        Assert.Null(Find("demo/gates:A%3A%25:2024-10-04:-7:false"));
        string[] wrongs =
        [
            "", ":ATL", ":ATL:2024-10-04:7", ":ATL:2024-10-04:7:true:x", ":ATL:2024-10-04:7:true:", ":ATL:2024-13-04:7:true",
            ":ATL:2024-10-04:70000:true",
        ];
        foreach (var wrong in wrongs)
        {
            var refused = Assert.Throws<ProblemException>(() => Find("demo/gates" + wrong)).Problem;
            Assert.Equal("request.invalid", refused.Code);
        }

        long? Find(string key)
        {
            var keys = new KeyColumns();
            RespKeys.Read(Encoding.UTF8.GetBytes(key), plan, keys);
            using var read = Served.Look(keys, plan);
            return read.RowOf(0, 0) is { IsThere: true } row ? row.Read<long>(view.Layout.Slots[0]) : null;
        }
    }

    [Fact]
    public void A_part_may_be_empty_and_any_bytes()
    {
        EntityKey[] parts = [new("digest", "binary", "digest"), new("name", "string", "name")];
        var view = Served.View("demo", "files", Served.Define(parts, [new("size", "int64", "size")]));
        Served.Push(
            view,
            k =>
            {
                k.Part([0xFF, (byte)':', (byte)'%', 0x80]);
                k.Part(""u8);
                k.EndKey();
            },
            Served.Eleven, (row, layout) => row.Set(layout.Slots[0], 3L));
        var plan = Served.Plan(Served.State(view), "files:size");
        var keys = new KeyColumns();
        byte[] key = [.. "demo/files:%FF%3a%"u8, 0x80, (byte)':'];
        RespKeys.Read(key, plan, keys);
        using var read = Served.Look(keys, plan);
        Assert.True(read.RowOf(0, 0).IsThere);
    }

    [Fact]
    public void A_key_of_one_part_is_what_stands_behind_the_first_colon()
    {
        var view = Served.View("demo", "pages", Served.Define([new("url", "string", "url")], [new("hits", "int64", "hits")]));
        Served.Push(view, k => { k.Part("https://x/%41"u8); k.EndKey(); }, Served.Eleven, (row, layout) => row.Set(layout.Slots[0], 3L));
        var plan = Served.Plan(Served.State(view), "pages:hits");
        var keys = new KeyColumns();
        RespKeys.Read("demo/pages:https://x/%41"u8, plan, keys);
        using var read = Served.Look(keys, plan);
        Assert.True(read.RowOf(0, 0).IsThere);
    }
}
