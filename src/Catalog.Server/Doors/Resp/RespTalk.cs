using System.Globalization;

namespace Catalog.Server.Doors.Resp;

/// <summary>What clients of Redis ask when they connect, about the server and not about data.</summary>
internal static class RespTalk
{
    /// <summary>The release of Redis whose protocol this is: clients go by it.</summary>
    private const string Redis = "7.0.0";

    /// <summary>Answers what needs no data; false where it is none of these, or is not answered before AUTH.</summary>
    public static bool TryAnswer(RespCommand command, RespWriter to, bool isKnown)
    {
        if (!isKnown)
            return false;
        if (command.Is(0, "PING"u8) && command.Count < 3)
            Ping(command, to);
        else if (command.Is(0, "ECHO"u8) && command.Count == 2)
            to.Bulk(command[1]);
        else if (command.Is(0, "SELECT"u8) && command.Count == 2)
            Select(command, to);
        else if (command.Is(0, "CLIENT"u8) && command.Count > 1)
            Client(command, to);
        else if (command.Is(0, "CONFIG"u8) || command.Is(0, "COMMAND"u8))
            to.Array(0);
        else if (command.Is(0, "INFO"u8))
            to.Text(Info());
        else
            return false;
        return true;
    }

    /// <summary>The answer to <c>HELLO</c>.</summary>
    public static void Greet(RespWriter to)
    {
        to.Map(6);
        to.Text("server");
        to.Text("catalog");
        to.Text("version");
        to.Text(Redis);
        to.Text("proto");
        to.Number(to.Version);
        to.Text("mode");
        to.Text("standalone");
        to.Text("role");
        to.Text("replica");
        to.Text("modules");
        to.Array(0);
    }

    public static string UsageOf(RespCommand command) => command switch
    {
        _ when command.Is(0, "HMGET"u8) => "HMGET namespace/view:key field [field …].",
        _ when command.Is(0, "HGET"u8) => "HGET namespace/view:key field.",
        _ when command.Is(0, "HGETALL"u8) => "HGETALL namespace/view:key.",
        _ when command.Is(0, "AUTH"u8) => "AUTH [default|purpose] cat_….",
        _ when command.Is(0, "HELLO"u8) => "HELLO [2|3 [AUTH default|purpose cat_…] [SETNAME name]].",
        _ => "CATALOG.LOOKUP request, a LookupRequest of catalog_lookup.proto.",
    };

    private static void Ping(RespCommand command, RespWriter to)
    {
        if (command.Count == 2)
            to.Bulk(command[1]);
        else
            to.Simple("PONG"u8);
    }

    private static void Select(RespCommand command, RespWriter to)
    {
        if (command.Is(1, "0"u8))
            to.Ok();
        else
            to.Error("ERR", "There is one database, 0.");
    }

    private static void Client(RespCommand command, RespWriter to)
    {
        if (command.Is(1, "SETNAME"u8) || command.Is(1, "SETINFO"u8))
            to.Ok();
        else if (command.Is(1, "GETNAME"u8))
            to.Null();
        else
            to.Error("ERR", "Of CLIENT, there are SETNAME, SETINFO and GETNAME.");
    }

    /// <summary>A replica: what can be read here is written elsewhere.</summary>
    private static string Info() => string.Create(
        CultureInfo.InvariantCulture,
        $"# Server\r\nredis_version:{Redis}\r\nredis_mode:standalone\r\nserver_name:catalog\r\n# Replication\r\nrole:slave\r\n"
        + $"master_link_status:up\r\n");
}
