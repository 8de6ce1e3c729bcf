package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// traders is how many numbered ones there are besides those with a name.
const traders = 20

type holder struct {
	name    string
	address sdk.AccAddress
}

func names() []string {
	list := []string{
		"validator", "deployer", "guardian", "keeper", "feeder",
		"alice", "bob", "carol", "dave", "erin",
	}
	for i := 1; i <= traders; i++ {
		list = append(list, fmt.Sprintf("trader%02d", i))
	}
	return list
}

// makeKeys puts a new key per name into the test keyring of wasmd, its mnemonic into
// `<keys>/<name>.mnemonic`, and all addresses into `<keys>/addresses.json`.
func makeKeys(cdc codec.Codec, home, keys string) ([]holder, error) {
	ring, err := keyring.New(sdk.KeyringServiceName(), keyring.BackendTest, home, nil, cdc)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return nil, err
	}
	var holders []holder
	addresses := map[string]string{}
	for _, name := range names() {
		h, err := makeKey(ring, keys, name)
		if err != nil {
			return nil, fmt.Errorf("key of %s: %w", name, err)
		}
		holders = append(holders, h)
		addresses[name] = h.address.String()
	}
	text, err := json.MarshalIndent(addresses, "", "  ")
	if err != nil {
		return nil, err
	}
	return holders, os.WriteFile(filepath.Join(keys, "addresses.json"), append(text, '\n'), 0o644)
}

func makeKey(ring keyring.Keyring, keys, name string) (holder, error) {
	path := sdk.GetConfig().GetFullBIP44Path()
	record, mnemonic, err := ring.NewMnemonic(name, keyring.English, path, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	if err != nil {
		return holder{}, err
	}
	address, err := record.GetAddress()
	if err != nil {
		return holder{}, err
	}
	file := filepath.Join(keys, name+".mnemonic")
	return holder{name, address}, os.WriteFile(file, []byte(mnemonic+"\n"), 0o600)
}
