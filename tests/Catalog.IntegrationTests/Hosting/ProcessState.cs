namespace Catalog.IntegrationTests.Hosting;

/// <summary>What Linux says of a process.</summary>
internal static class ProcessState
{
    /// <summary>False also for a zombie: nothing of it runs any more.</summary>
    public static bool IsAlive(int id) => Fields(id) is [var state, ..] && state is not ("Z" or "X");

    public static string Session(int id) => Fields(id)[3];

    // The name, in parentheses, may hold anything; what follows it is: state, parent, process group, session, …
    private static string[] Fields(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }
}
